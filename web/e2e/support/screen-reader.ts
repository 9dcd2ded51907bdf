/** What a screen reader gets: the browser's own accessibility tree, and what is announced. */
import type { Page } from '@playwright/test';

export interface Node {
	role: string;
	name: string;
	/** Properties such as `busy` and `live`. */
	properties: Record<string, unknown>;
	children: Node[];
}

interface AxNode {
	nodeId: string;
	parentId?: string;
	ignored: boolean;
	role?: { value: string };
	name?: { value: string };
	properties?: { name: string; value: { value: unknown } }[];
	childIds?: string[];
}

/** The tree as Chromium gives it to assistive technology, without what it leaves out. */
export async function accessibilityTree(page: Page): Promise<Node[]> {
	const devtools = await page.context().newCDPSession(page);
	const { nodes } = (await devtools.send('Accessibility.getFullAXTree')) as unknown as { nodes: AxNode[] };
	await devtools.detach();
	const byId = new Map(nodes.map((node) => [node.nodeId, node]));
	const read = (node: AxNode): Node[] => {
		const below = (node.childIds ?? []).flatMap((id) => {
			const child = byId.get(id);
			return child ? read(child) : [];
		});
		if (node.ignored || !node.role) return below;
		const properties = (node.properties ?? []).map(({ name, value }) => [name, value.value] as const);
		return [
			{
				role: node.role.value,
				name: node.name?.value ?? '',
				properties: Object.fromEntries(properties),
				children: below,
			},
		];
	};
	return nodes.filter((node) => node.parentId === undefined).flatMap(read);
}

/** Every node of that role, in the order of reading. */
export function all(nodes: Node[], role: string): Node[] {
	return nodes.flatMap((node) => [...(node.role === role ? [node] : []), ...all(node.children, role)]);
}

declare global {
	interface Window {
		announcements: string[];
	}
}

/** Writes down what polite live regions say from now on. */
export async function listens(page: Page): Promise<void> {
	await page.evaluate(() => {
		window.announcements = [];
		const regions = '[role=status], [role=alert], [aria-live=polite], [aria-live=assertive]';
		new MutationObserver((records) => {
			for (const { target } of records) {
				const element = target instanceof Element ? target : target.parentElement;
				const region = element?.closest(regions);
				const text = region?.textContent?.replaceAll('\u00a0', ' ').trim();
				if (text) window.announcements.push(text);
			}
		}).observe(document.body, { subtree: true, childList: true, characterData: true });
	});
}

/** What was said since {@link listens}. */
export function heard(page: Page): Promise<string[]> {
	return page.evaluate(() => window.announcements);
}

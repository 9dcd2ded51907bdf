/** Collects what a page must never do: complain in its console, break its content policy, ask anybody but its server. */
import type { BrowserContext, Page } from '@playwright/test';

declare global {
	interface Window {
		reportViolation(told: string): void;
	}
}

export interface Watch {
	/** What was seen so far. */
	readonly complaints: readonly string[];
	/** Expects that a line of the console with this in it comes, from now on. */
	expect(pattern: RegExp): void;
}

/** Browsers write a line for each request and connection that fails, whatever a page does about it. */
const CONNECTION_LOST =
	/WebSocket connection to .* failed|Firefox can’t establish a connection to the server at ws|An unknown error occurred when fetching the script|net::ERR_(CONNECTION_REFUSED|INTERNET_DISCONNECTED|CONNECTION_RESET|EMPTY_RESPONSE|NETWORK_CHANGED)/;

export async function watch(context: BrowserContext, origin: string): Promise<Watch> {
	const complaints: string[] = [];
	const expected: RegExp[] = [CONNECTION_LOST];
	const complain = (text: string) => {
		if (!expected.some((pattern) => pattern.test(text))) complaints.push(text);
	};
	await context.exposeFunction('reportViolation', complain);
	await context.addInitScript(() => {
		document.addEventListener('securitypolicyviolation', (event) => {
			const { effectiveDirective, blockedURI, sourceFile, lineNumber, sample } = event;
			window.reportViolation(
				`policy: ${effectiveDirective} ${blockedURI} ${sourceFile}:${lineNumber} ${sample}`,
			);
		});
		// a screen may take its time, but then the one before it stays, or one that says so: nobody looks at nothing for long
		const LONG_MS = 2000;
		let shown = false;
		let late = 0;
		const look = () => {
			const seen = [...document.querySelectorAll('main')].some((main) => main.checkVisibility());
			if (seen) clearTimeout(late);
			else if (shown)
				late = window.setTimeout(() => {
					window.reportViolation(`nothing on the screen at ${location.pathname}`);
				}, LONG_MS);
			shown = seen;
		};
		let due = 0;
		new MutationObserver(() => {
			cancelAnimationFrame(due);
			due = requestAnimationFrame(look);
		}).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['style'] });
	});
	const watchPage = (page: Page) => {
		page.on('console', (message) => {
			const kind = message.type();
			if (kind === 'error' || kind === 'warning')
				complain(`${kind}: ${message.text()} (${message.location().url})`);
		});
		page.on('pageerror', (error) => complain(`uncaught: ${error.stack ?? error.message}`));
		page.on('crash', () => complain('the page crashed'));
	};
	context.on('page', watchPage);
	context.on('request', (request) => {
		const url = request.url();
		const own = url.startsWith(`${origin}/`) || url.startsWith('data:') || url.startsWith('blob:');
		if (!own) complain(`asked elsewhere: ${url}`);
	});
	return { complaints, expect: (pattern) => expected.push(pattern) };
}

import type { HtmlTagDescriptor, Plugin, Rolldown } from 'vite';

/** The part of the app that the page's own script asks for at once. */
const START = '/src/app/start.tsx';
/** Its first sight stands in the page. */
const FIRST = '/src/features/sign-in/SignIn.tsx';

/**
 * Names in the page what its script is going to ask for, so that browsers load it at the same time as the script; with its style sheets, as
 * nothing is drawn well before they are there.
 */
export function earlyLinks(): Plugin {
	return {
		name: 'early-links',
		apply: 'build',
		transformIndexHtml: {
			order: 'post',
			handler(_html, { bundle, chunk }) {
				if (!bundle || !chunk) throw new Error('the page is built without its script');
				const start = chunkOf(bundle, START);
				const already = needs(bundle, chunk);
				const found = needs(bundle, start);
				const first = needs(bundle, chunkOf(bundle, FIRST));
				const files = [...found.files].filter((file) => !already.files.has(file));
				const styles = [...new Set([...found.styles, ...first.styles])].filter(
					(file) => !already.styles.has(file),
				);
				return [
					...files.map((file) => link('modulepreload', file)),
					...styles.map((file) => link('stylesheet', file)),
				];
			},
		},
	};
}

function chunkOf(bundle: Rolldown.OutputBundle, module: string): Rolldown.OutputChunk {
	for (const output of Object.values(bundle)) {
		if (output.type === 'chunk' && output.facadeModuleId?.endsWith(module)) return output;
	}
	throw new Error(`${module} is no part of its own in the build`);
}

/** A chunk with everything that it imports before it runs. */
function needs(
	bundle: Rolldown.OutputBundle,
	chunk: Rolldown.OutputChunk,
	found = { files: new Set<string>(), styles: new Set<string>() },
): typeof found {
	if (found.files.has(chunk.fileName)) return found;
	found.files.add(chunk.fileName);
	for (const css of chunk.viteMetadata?.importedCss ?? []) found.styles.add(css);
	for (const file of chunk.imports) {
		const next = bundle[file];
		if (next?.type === 'chunk') needs(bundle, next, found);
	}
	return found;
}

function link(rel: string, file: string): HtmlTagDescriptor {
	return { tag: 'link', attrs: { rel, crossorigin: true, href: `/${file}` }, injectTo: 'head' };
}

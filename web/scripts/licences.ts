import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';

interface Package {
	name: string;
	version: string;
	licence: string;
	text: string;
}

/** Writes licences.txt: every package whose code is in the build, with its licence. */
export function licences(): Plugin {
	const folders = new Set<string>();
	return {
		name: 'licences',
		apply: 'build',
		moduleParsed({ id }) {
			const folder = packageFolder(id);
			if (folder) folders.add(folder);
		},
		generateBundle() {
			const packages = [...folders].map(read).sort((a, b) => (a.name < b.name ? -1 : 1));
			const parts = packages.map(
				({ name, version, licence, text }) => `${name} ${version}\n${licence}\n\n${text.trim()}\n`,
			);
			this.emitFile({
				type: 'asset',
				fileName: 'licences.txt',
				source: `ChaTalK is licensed under the Apache License 2.0. It contains:\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`,
			});
		},
	};
}

/** The folder of the package that a module is of; null for the app's own. */
function packageFolder(id: string): string | null {
	const file = id.split('?')[0] ?? '';
	if (!file.includes('/node_modules/')) return null;
	let folder = dirname(file);
	while (folder.length > 1) {
		const description = join(folder, 'package.json');
		if (existsSync(description) && JSON.parse(readFileSync(description, 'utf8')).name) return folder;
		folder = dirname(folder);
	}
	return null;
}

function read(folder: string): Package {
	const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
	const file = readdirSync(folder).find((one) => /^(licen[cs]e|copying)/i.test(one));
	return {
		name,
		version,
		licence: license ?? 'unknown',
		text: file ? readFileSync(join(folder, file), 'utf8') : '',
	};
}

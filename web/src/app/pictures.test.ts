import { expect, it } from 'vitest';
import { createPictures } from './pictures';

const settled = async () => {
	for (let n = 0; n < 10; n += 1) await Promise.resolve();
};

function start() {
	const asked: string[] = [];
	const open = new Set<string>();
	let made = 0;
	const addresses = {
		make(blob: Blob) {
			const url = `blob:${made++}-${blob.size}-${blob.type}`;
			open.add(url);
			return url;
		},
		revoke: (url: string) => void open.delete(url),
	};
	let answer: () => Promise<Uint8Array | null> = async () => new Uint8Array([1, 2, 3]);
	const engine = {
		picture(conversation: string, name: string) {
			asked.push(`${conversation} ${name}`);
			return answer();
		},
	};
	const pictures = createPictures(engine, addresses);
	return { pictures, asked, open, answers: (next: typeof answer) => (answer = next) };
}

it('asks once for each picture, whoever shows it', async () => {
	const { pictures, asked, open } = start();
	await Promise.all([pictures.want('g', 'one'), pictures.want('g', 'one')]);
	await pictures.want('g', 'one');
	expect(asked).toEqual(['g one']);
	expect(pictures.getState().get('one')).toBe('blob:0-3-image/jpeg');
	await pictures.want('g', 'two');
	expect([...open]).toHaveLength(2);
});

it('asks again for what was not there', async () => {
	const { pictures, asked, answers } = start();
	answers(async () => null);
	await pictures.want('g', 'one');
	answers(() => Promise.reject(new Error('ended')));
	await pictures.want('g', 'one');
	expect(pictures.getState().size).toBe(0);
	expect(asked).toHaveLength(2);
});

it('keeps no address that nobody needs', async () => {
	const { pictures, open, answers } = start();
	for (let n = 0; n < 310; n += 1) await pictures.want('g', `${n}`);
	expect(open.size).toBe(300);
	expect(pictures.getState().has('0')).toBe(false);
	let come: (jpeg: Uint8Array) => void = () => {};
	answers(() => new Promise((resolve) => (come = resolve)));
	void pictures.want('g', 'late');
	pictures.clear();
	come(new Uint8Array([1]));
	await settled();
	expect(open.size).toBe(0);
	expect(pictures.getState().size).toBe(0);
});

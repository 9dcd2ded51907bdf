export const CHROMIUM = {
	executablePath: process.env.CHATALK_CHROMIUM ?? '/usr/bin/chromium',
	args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
};

const RUNS = 5;

/** Of several runs, which are printed. */
export async function median(measure: () => Promise<number>): Promise<number> {
	const all: number[] = [];
	for (let run = 0; run < RUNS; run++) all.push(await measure());
	console.log(`  ${all.map(Math.round).join(', ')} ms`);
	return all.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? Number.POSITIVE_INFINITY;
}

/**
 * A minute of scrolling through a hundred thousand messages with the real rows, on a processor that is four times slower: how
 * often the page could not answer for more than 50 ms, and how much memory it holds. `RUNS`, `SECONDS` and `SLOWDOWN` change it.
 *
 * The browser makes itself slower by the clock on the wall: on a machine that others use as well it gets slower still.
 * `RECKONED=1` lets it run at full speed and multiplies instead.
 */
import { loadavg } from 'node:os';
import { type CDPSession, expect, type Page, test } from '@playwright/test';

const RUNS = Number(process.env.RUNS ?? 3);
const SECONDS = Number(process.env.SECONDS ?? 60);
const SLOWDOWN = Number(process.env.SLOWDOWN ?? 4);
/** px a frame: a screen of a desktop in nine frames. */
const STEP = 100;
const LONG_MS = 50;
const RECKONED = process.env.RECKONED === '1';
/** Long tasks a minute. */
const BUDGET = 5;

interface Figures {
	/** Tasks with more than 50 ms of processor time, of the page alone: what others do on the machine hardly counts. */
	long: number;
	longest: number;
	/** As the browser tells pages, by the clock on the wall. */
	longByClock: number;
	/** Milliseconds of processor time a frame. */
	frame: number;
	/** Frames a second, by the clock on the wall. */
	rate: number;
	heap: number;
	nodes: number;
	/** Number of the first message in sight at the end, of 100,000. */
	reached: number;
	load: number;
}

test('a hundred thousand messages', async ({ page }) => {
	const all: Figures[] = [];
	for (let run = 0; run < RUNS; run += 1) {
		const figures = await measure(page);
		console.log(JSON.stringify(figures));
		all.push(figures);
	}
	const best = all.reduce((a, b) => (a.long <= b.long ? a : b));
	console.log(`best of ${RUNS}: ${JSON.stringify(best)}`);
	expect((best.long * 60) / SECONDS, 'long tasks a minute').toBeLessThanOrEqual(BUDGET);
});

async function measure(page: Page): Promise<Figures> {
	await page.setViewportSize({ width: 1280, height: 900 });
	await page.goto('/?story=talk/endless');
	await page.locator('html[data-ready]').waitFor();
	await page.evaluate(() => {
		const seen = { count: 0 };
		new PerformanceObserver((list) => {
			seen.count += list.getEntries().length;
		}).observe({ type: 'longtask' });
		Object.assign(window, { seen });
	});
	const browser = await page.context().newCDPSession(page);
	await browser.send('Emulation.setCPUThrottlingRate', { rate: RECKONED ? 1 : SLOWDOWN });
	let took = 0;
	const measured = await traceOf(browser, async () => {
		took = await scroll(page);
	});
	await browser.send('Emulation.setCPUThrottlingRate', { rate: 1 });
	const trace = RECKONED ? measured.map((ms) => ms * SLOWDOWN) : measured;
	const long = trace.filter((ms) => ms > LONG_MS);
	const longByClock = await page.evaluate(
		() => (window as unknown as { seen: { count: number } }).seen.count,
	);
	const reached = await page.evaluate(
		() => Number.parseInt(document.querySelector('[role=log] article')?.textContent ?? '', 10) || 0,
	);
	await browser.send('HeapProfiler.collectGarbage');
	await browser.send('Performance.enable');
	const { metrics } = await browser.send('Performance.getMetrics');
	const metric = (name: string) => metrics.find((one) => one.name === name)?.value ?? 0;
	await browser.detach();
	return {
		long: long.length,
		longest: Math.round(Math.max(0, ...trace)),
		longByClock,
		frame: Math.round((sum(trace) / SECONDS / 60) * 10) / 10,
		rate: Math.round((SECONDS * 60_000) / took),
		heap: Math.round(metric('JSHeapUsedSize') / 1e5) / 10,
		nodes: metric('Nodes'),
		reached,
		load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
	};
}

/** Towards older messages without a pause, as far in each frame: what a frame has to do does not depend on who else uses the machine. */
function scroll(page: Page): Promise<number> {
	return page.evaluate(
		([step, frames]) =>
			new Promise<number>((resolve) => {
				const log = document.querySelector('[role=log]');
				const start = performance.now();
				let left = frames;
				const next = () => {
					if (log) log.scrollTop -= step;
					left -= 1;
					if (left > 0) requestAnimationFrame(next);
					else resolve(performance.now() - start);
				};
				requestAnimationFrame(next);
			}),
		[STEP, SECONDS * 60] as const,
	);
}

interface TraceEvent {
	name: string;
	ph: string;
	pid: number;
	tid: number;
	/** Microseconds of the thread's processor time. */
	tdur?: number;
	args: { name?: string };
}

/** Milliseconds of processor time of each task of the page's main thread meanwhile. */
async function traceOf(browser: CDPSession, work: () => Promise<void>): Promise<number[]> {
	const events: TraceEvent[] = [];
	browser.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
	const done = new Promise<void>((resolve) => browser.once('Tracing.tracingComplete', () => resolve()));
	await browser.send('Tracing.start', { categories: 'toplevel', transferMode: 'ReportEvents' });
	await work();
	await browser.send('Tracing.end');
	await done;
	const tasks = events.filter(
		(event) => event.ph === 'X' && event.tdur !== undefined && /RunTask/.test(event.name),
	);
	const mains = events.filter((event) => event.ph === 'M' && event.args.name === 'CrRendererMain');
	const of = (main: TraceEvent) =>
		tasks
			.filter((task) => task.pid === main.pid && task.tid === main.tid)
			.map((task) => (task.tdur ?? 0) / 1000);
	// other pages' main threads do next to nothing
	return mains.map(of).reduce((a, b) => (sum(a) > sum(b) ? a : b), []);
}

const sum = (numbers: number[]) => numbers.reduce((all, one) => all + one, 0);

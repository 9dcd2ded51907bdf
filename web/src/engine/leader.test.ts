import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Health } from './contract';
import { Leader, type WorkerLike } from './leader';

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

it('leaves the place to another tab when its workers end again and again', async () => {
	const workers: WorkerLike[] = [];
	const health: Health[] = [];
	const gaveUp = vi.fn();
	const engine = {
		tab: 'this tab',
		connect: () => {},
		receive: () => {},
		health: (one: Health) => health.push(one),
	};
	const spawn = () => {
		const worker: WorkerLike = {
			postMessage: () => {},
			terminate: () => {},
			onmessage: null,
			onerror: null,
		};
		workers.push(worker);
		return worker;
	};
	new Leader(engine, spawn, gaveUp).start();
	for (let crash = 1; crash <= 5; crash += 1) {
		expect(gaveUp).not.toHaveBeenCalled();
		workers.at(-1)?.onerror?.(new ErrorEvent('error'));
		await vi.advanceTimersByTimeAsync(10_000);
	}
	expect(workers).toHaveLength(5);
	expect(gaveUp).toHaveBeenCalledOnce();
	expect(health.at(-1)?.is).toBe('dead');
});

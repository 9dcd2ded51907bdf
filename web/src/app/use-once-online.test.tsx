import { act } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { Connection } from '../engine/contract';
import { renderApp } from '../test/render';
import { aSession } from '../test/scripted-engine';

it('asks when it is known whether there is a connection, and again when there is one again', async () => {
	const connection: Connection = { is: 'connecting' };
	const { engine, findByRole } = await renderApp('/settings/devices', {
		state: { session: aSession(), connection },
	});
	await findByRole('heading', { level: 1, name: 'Devices' });
	const asked = () => engine.commands.filter((one) => one.do === 'listDevices').length;
	const becomes = (next: Connection) => act(async () => engine.emit({ is: 'connection', connection: next }));
	expect(asked(), 'too early').toBe(0);
	await becomes({ is: 'offline', retryAt: 0 });
	expect(asked(), 'so that it is said').toBe(1);
	await becomes({ is: 'connecting' });
	await becomes({ is: 'online' });
	expect(asked()).toBe(2);
	await becomes({ is: 'connecting' });
	await becomes({ is: 'readOnly', reason: 'full' });
	expect(asked(), 'a server that saves nothing still answers').toBe(3);
	await becomes({ is: 'offline', retryAt: 0 });
	expect(asked(), 'what is there stays').toBe(3);
});

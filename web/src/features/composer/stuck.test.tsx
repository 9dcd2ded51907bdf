import { describe, expect, it } from 'vitest';
import { renderApp } from '../../test/render';
import { aConversation, aPerson, aSession, aStuck, type Script } from '../../test/scripted-engine';

const me = aPerson();
const script = (change: Parameters<typeof aStuck>[0]): Script => ({
	state: {
		session: aSession({ me }),
		conversations: [aConversation({ conversation: 'c1', stuck: aStuck(change) })],
	},
	onCommand: (command, engine) => engine.emit({ is: 'done', doing: command.do as never }),
});

describe('a change that can’t be read', () => {
	it('is told with what happens next, and one can write on', async () => {
		const { findByText, findByRole, queryByRole } = await renderApp('/c/c1', script({ byItself: true }));
		await findByText(/starts anew by itself/);
		await findByRole('textbox', { name: /Message to/ });
		expect(queryByRole('button', { name: 'Start anew' })).toBeNull();
	});

	it('waits for an admin where one may do nothing', async () => {
		const { findByText } = await renderApp('/c/c1', script({}));
		await findByText(/waits here until an admin starts/);
	});

	it('can be started anew also after having chosen to wait', async () => {
		const waited = script({ asked: false, may: true });
		const { engine, user, findByText, findByRole, queryByRole } = await renderApp('/c/c1', waited);
		await findByText(/You are waiting/);
		expect(queryByRole('button', { name: 'Wait' })).toBeNull();
		await user.click(await findByRole('button', { name: 'Start anew' }));
		expect(engine.commands).toContainEqual({ do: 'decideRestart', conversation: 'c1', start: true });
	});

	it.each([
		['Start anew', true],
		['Wait', false],
	])('is one question to who may answer it: %s', async (button, start) => {
		const asked = script({ asked: true, without: true });
		const { engine, user, findByText, findByRole } = await renderApp('/c/c1', asked);
		await findByText(/Start the conversation anew without .*Ben.*\?/);
		await user.click(await findByRole('button', { name: button }));
		expect(engine.commands).toContainEqual({ do: 'decideRestart', conversation: 'c1', start });
	});
});

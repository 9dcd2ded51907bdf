import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { startI18n } from '../../app/i18n';
import { CopyField } from './CopyField';

const LINK = 'https://chat.example.org/i#secret';

beforeEach(() => startI18n('en'));

function shown() {
	const user = userEvent.setup();
	render(<CopyField label="Link" text={LINK} />);
	return { user, field: screen.getByLabelText<HTMLInputElement>('Link') };
}

describe('a text to copy', () => {
	it('is copied by its button', async () => {
		const { user } = shown();
		await user.click(screen.getByRole('button', { name: 'Copy' }));
		await screen.findByText('Copied');
		expect(await navigator.clipboard.readText()).toBe(LINK);
	});

	it.each([
		['refuses', { writeText: () => Promise.reject(new DOMException('', 'NotAllowedError')) }],
		['has no clipboard', undefined],
	])('is selected where the browser %s, with words what to do', async (_, clipboard) => {
		const { user, field } = shown();
		vi.spyOn(navigator, 'clipboard', 'get').mockReturnValue(clipboard as unknown as Clipboard);
		await user.click(screen.getByRole('button', { name: 'Copy' }));
		await screen.findByText(/Ctrl\+C/);
		expect(document.activeElement).toBe(field);
		expect([field.selectionStart, field.selectionEnd]).toEqual([0, LINK.length]);
	});
});

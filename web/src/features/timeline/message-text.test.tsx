import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { startI18n } from '../../app/i18n';
import { LinkGuard } from './LinkGuard';
import { MessageText } from './MessageText';
import { cleanText } from './model/clean';

beforeEach(async () => {
	await startI18n('en');
	await i18next.loadNamespaces('timeline');
});

function show(text: string) {
	return render(
		<LinkGuard>
			<MessageText text={cleanText(text)} reachable />
		</LinkGuard>,
	);
}

describe('hostile texts', () => {
	it.each([
		'<script>alert(1)</script>',
		'<img src=x onerror=alert(1)>',
		'<svg/onload=alert(1)><a href="javascript:alert(1)">x</a></svg>',
		'{{constructor.constructor("alert(1)")()}} $t(key)',
		'javascript:alert(1)',
	])('%s is shown as text', (text) => {
		const { container } = show(text);
		expect(container.textContent).toBe(text);
		expect(container.querySelectorAll('script, img, svg, a')).toHaveLength(0);
	});

	it('cannot turn other text round', () => {
		expect(show('a\u202eb').container.textContent).toBe('ab');
	});
});

describe('links', () => {
	it('open in a tab of their own that knows nothing of this one', async () => {
		const { findByRole } = show('see https://example.org/a');
		const link = await findByRole('link', { name: 'https://example.org/a' });
		expect(link.getAttribute('rel')).toBe('noopener noreferrer');
		expect(link.getAttribute('target')).toBe('_blank');
	});

	it('that lie show the true host, and ask before they are opened', async () => {
		const user = userEvent.setup();
		const opened = vi.spyOn(window, 'open').mockReturnValue(null);
		const { findByRole, container } = show('https://google.com@evil.example/login');
		expect(container.textContent).toContain('(leads to evil.example)');
		await user.click(await findByRole('link'));
		await findByRole('alertdialog', { name: 'This link leads to evil.example' });
		expect(opened).not.toHaveBeenCalled();
		await user.click(await findByRole('button', { name: 'Open evil.example' }));
		expect(opened).toHaveBeenCalledWith(
			'https://google.com@evil.example/login',
			'_blank',
			'noopener,noreferrer',
		);
	});
});

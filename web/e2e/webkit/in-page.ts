/** What runs in the page to find things as people do, and to hear of what it must not do. */

export type Kind = 'button' | 'field' | 'checkbox' | 'option' | 'link' | 'heading' | 'article' | 'text';

export const SELECTORS: Record<Kind, string> = {
	button: 'button',
	field: 'input:not([type=checkbox]), textarea',
	// as people do, by its label: the box itself is hidden
	checkbox: 'label:has(input[type=checkbox]:not(:disabled))',
	option: '[role=option]',
	link: 'a',
	heading: 'h1',
	article: '[role=article], article',
	text: 'body *',
};

/** Runs in the page: the first of these that can be seen and is called so, as people and screen readers find it. */
export const FIND = `
	const [selector, name, part] = arguments;
	const told = (ids) => (ids ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ').trim();
	const called = (element) => [
		element.getAttribute('aria-label'), told(element.getAttribute('aria-labelledby')),
		...[...(element.labels ?? [])].map((label) => label.textContent), element.textContent,
	].filter(Boolean).map((text) => text.trim());
	return [...document.querySelectorAll(selector)].find((element) =>
		element.getClientRects().length > 0
		&& called(element).some((text) => text === name || (part && text.includes(name)))) ?? null;`;

/** Runs in the page: writes down what it must not do. Its console can't be had this way. */
export const LISTEN = `
	window.complaints = [];
	document.addEventListener('securitypolicyviolation', (event) =>
		complaints.push('policy: ' + event.effectiveDirective + ' ' + event.blockedURI));
	addEventListener('error', (event) => complaints.push('uncaught: ' + event.message));
	addEventListener('unhandledrejection', (event) => complaints.push('uncaught: ' + event.reason));`;

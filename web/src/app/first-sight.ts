/**
 * The sign-in as it stands in the page itself, for whoever comes for the first time: it is seen, and can be typed into, long before the
 * app is there. `scripts/first-sight` draws it when the app is built. What was done in it meanwhile is done in the app's own
 * sign-in once that takes its place.
 */

const CONTROLS = 'input, button';
/** In the order in which they are repeated; more than anybody presses in a second or two. */
const MOST_PRESSES = 16;

/** Shows it over the place where the app is going to be. */
export function showFirstSight(language: string, doc: Document = document): void {
	const template = doc.getElementById(`first-sight-${language}`);
	const root = doc.getElementById('root');
	if (!(template instanceof HTMLTemplateElement) || !root) return;
	const sight = doc.createElement('div');
	sight.className = 'first-sight';
	sight.lang = language;
	sight.append(doc.importNode(template.content, true));
	// no style stands in the page's text, as the Content Security Policy has it
	for (const element of sight.querySelectorAll<HTMLElement>('[data-style]')) {
		element.style.cssText = element.dataset.style ?? '';
		delete element.dataset.style;
	}
	const pressed = recordPresses(sight);
	root.before(sight);
	const watcher = new MutationObserver(() => {
		// every screen has a heading; this runs before the browser draws it
		if (!root.querySelector('h1')) return;
		watcher.disconnect();
		handOver(sight, root, pressed);
		sight.remove();
	});
	watcher.observe(root, { childList: true, subtree: true });
}

/** Takes it away where the app can't come: the page has words for that. */
export function endFirstSight(doc: Document = document): void {
	doc.querySelector('.first-sight')?.remove();
}

/** The places, among all controls, of those that were pressed. */
function recordPresses(sight: HTMLElement): number[] {
	const pressed: number[] = [];
	const controls = controlsOf(sight);
	sight.addEventListener('submit', (event) => {
		event.preventDefault();
		if (event.submitter) event.submitter.dataset.waits = '';
	});
	sight.addEventListener('click', ({ target }) => {
		const control = target instanceof Element ? target.closest(CONTROLS) : null;
		const place = control ? controls.indexOf(control as Control) : -1;
		if (place >= 0 && !isTyped(controls[place]) && pressed.length < MOST_PRESSES) pressed.push(place);
	});
	return pressed;
}

/** Types and presses in the app what was typed and pressed before, if it shows the same screen. */
function handOver(sight: HTMLElement, root: HTMLElement, pressed: readonly number[]): void {
	const before = controlsOf(sight);
	const now = controlsOf(root);
	const same = before.length === now.length && before.every((control, at) => isLike(control, now[at]));
	if (!same) return;
	before.forEach((control, at) => {
		const field = now[at];
		if (isTyped(control) && isTyped(field) && control.value !== '') type(field, control.value);
	});
	const focused = before.indexOf(document.activeElement as Control);
	const target = now[focused];
	target?.focus({ preventScroll: true });
	const source = before[focused];
	if (isTyped(source) && isTyped(target))
		target.setSelectionRange(source.selectionStart, source.selectionEnd);
	// once the app's components listen
	setTimeout(() => {
		for (const at of pressed) now[at]?.click();
	});
}

type Control = HTMLInputElement | HTMLButtonElement;

/** Those of the screen, without what stands above it. */
function controlsOf(place: HTMLElement): Control[] {
	const screen = place.querySelector('main')?.parentElement;
	return screen ? [...screen.querySelectorAll<Control>(CONTROLS)] : [];
}

function isLike(one: Control, other: Control | undefined): boolean {
	return one.tagName === other?.tagName && one.type === other.type;
}

function isTyped(control: Control | undefined): control is HTMLInputElement {
	return control instanceof HTMLInputElement && (control.type === 'text' || control.type === 'password');
}

/** As if it were typed: React looks at what its own setter was not told of. */
function type(field: HTMLInputElement, text: string): void {
	const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set;
	set?.call(field, text);
	field.dispatchEvent(new Event('input', { bubbles: true }));
}

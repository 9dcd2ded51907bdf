/** How keys are written on this kind of keyboard. The names are the same in both languages, as on the keys themselves. */
export function keyNames(mac: boolean) {
	const command = mac ? '⌘' : 'Ctrl';
	const alt = mac ? '⌥' : 'Alt';
	const shift = mac ? '⇧' : 'Shift';
	return {
		goTo: [command, 'K'],
		step: [alt, '↑ ↓'],
		stepUnread: [alt, shift, '↑ ↓'],
		back: ['Esc'],
		search: ['/'],
		rows: ['↑ ↓'],
		ends: ['Home', 'End'],
		help: ['?'],
		enter: ['Enter'],
		shiftEnter: [shift, 'Enter'],
		commandEnter: [command, 'Enter'],
	};
}

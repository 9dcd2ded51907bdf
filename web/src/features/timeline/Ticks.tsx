import type { SendState } from '../../engine/contract';
import { ClockIcon, TickIcon, TicksIcon, TicksReadIcon } from '../../ui/icons';
import styles from './Ticks.module.css';

const icons = { waiting: ClockIcon, sent: TickIcon, delivered: TicksIcon, read: TicksReadIcon };

/** How far an own message is: a clock, one tick, two, two filled. `name` says it in words. */
export function Ticks({ state, name }: { state: SendState; name: string }) {
	const Icon = icons[state];
	return (
		<span className={`${styles.ticks} ${styles[state]}`} title={name} role="img" aria-label={name}>
			<Icon />
		</span>
	);
}

import { useTranslation } from 'react-i18next';
import type { SendState } from '../../engine/contract';
import { ClockIcon, TickIcon, TicksIcon, TicksReadIcon } from '../../ui/icons';
import styles from './Ticks.module.css';

const icons = { waiting: ClockIcon, sent: TickIcon, delivered: TicksIcon, read: TicksReadIcon };

/** How far an own message is: a clock, one tick, two, two filled. */
export function Ticks({ state, hidden }: { state: SendState; hidden?: boolean }) {
	const { t } = useTranslation('timeline');
	const Icon = icons[state];
	const name = t(`state.${state}`);
	return (
		<span
			className={`${styles.ticks} ${styles[state]}`}
			title={name}
			{...(hidden ? { 'aria-hidden': true } : { role: 'img', 'aria-label': name })}
		>
			<Icon />
		</span>
	);
}

import { useTranslation } from 'react-i18next';
import { useAppStore } from '../../app/engine-context';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { LockIcon } from '../../ui/icons';
import { isolate } from '../timeline/model/clean';
import styles from './BlockedBar.module.css';
import type { Blocked } from './model/sending';

/** Stands in place of the field: why nothing can be written, and what to do. */
export function BlockedBar({ blocked }: { blocked: Blocked }) {
	const { t } = useTranslation('composer');
	const { actions } = useAppStore();
	const [person] = blocked.is === 'identity' ? blocked.people : [];
	if (person !== undefined) {
		return (
			<div className={styles.bar}>
				<Banner
					tone="bad"
					live="status"
					action={
						<Button kind="quiet" onPress={() => actions.askIdentity(person.member)}>
							{t('blocked.review')}
						</Button>
					}
				>
					{t(`blocked.identity.${person.change ?? 'unknown'}`, { name: isolate(person.displayName) })}
				</Banner>
			</div>
		);
	}
	if (blocked.is === 'announcements' || blocked.is === 'reading') {
		return (
			<p className={styles.quiet} role="status">
				{t(`blocked.${blocked.is}`)}
			</p>
		);
	}
	const why = blocked.is === 'identity' ? 'notReady' : blocked.is;
	return (
		<div className={styles.bar}>
			<Banner
				tone={why === 'broken' ? 'bad' : 'calm'}
				live="status"
				icon={why === 'notReady' || why === 'restoring' ? <LockIcon /> : undefined}
			>
				{t(`blocked.${why}`)}
			</Banner>
		</div>
	);
}

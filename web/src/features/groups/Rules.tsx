import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useMedia } from '../../app/use-media';
import type { Group } from '../../engine/contract';
import { Switch } from '../../ui/switch/Switch';
import styles from './GroupDetails.module.css';
import { GroupTrouble } from './GroupTrouble';
import type { GroupModel, Rule } from './model/group-model';

const rules: readonly Rule[] = ['announcements', 'historyAll'];

/** The rules of a group, for those who make them. */
export function Rules({ group, model }: { group: Group; model: GroupModel }) {
	const { t } = useTranslation('groups');
	const Heading = useMedia('phone') ? 'h3' : 'h4';
	const { pending, failed } = useStore(model);
	const wrong = rules.some((rule) => rule === failed?.about) ? (failed?.failure ?? null) : null;
	return (
		<section className={styles.part}>
			<Heading className={styles.heading}>{t('rules.title')}</Heading>
			{rules.map((rule) => (
				<Switch
					key={rule}
					label={t(`rules.${rule}`)}
					hint={t(`rules.${rule}Hint`)}
					// it shows at once what was chosen, and goes back if that did not work
					isSelected={group[rule] !== pending.has(rule)}
					isPending={pending.has(rule)}
					onChange={(on) => void model.setRule(rule, on)}
				/>
			))}
			<GroupTrouble failure={wrong} />
		</section>
	);
}

/** The same for all others: in words. */
export function RulesSaid({ group }: { group: Group }) {
	const { t } = useTranslation('groups');
	return (
		<div className={styles.said}>
			<p>{t(group.announcements ? 'rules.say.announcements' : 'rules.say.everybody')}</p>
			<p>{t(group.historyAll ? 'rules.say.historyAll' : 'rules.say.fromNow')}</p>
		</div>
	);
}

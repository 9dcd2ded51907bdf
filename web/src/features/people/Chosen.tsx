import { useEffect, useRef } from 'react';
import { Button } from 'react-aria-components/Button';
import { Tag, TagGroup, TagList } from 'react-aria-components/TagGroup';
import { useTranslation } from 'react-i18next';
import type { Id, Person } from '../../engine/contract';
import { CloseIcon } from '../../ui/icons';
import styles from './Chosen.module.css';

export interface ChosenProps {
	people: readonly Person[];
	onRemove: (member: Id) => void;
	isDisabled: boolean;
}

/**
 * Who was chosen, whatever is searched for now: one line, which is always there so that nothing below moves. Arrow keys go
 * through it, Delete takes somebody out.
 */
export function Chosen({ people, onRemove, isDisabled }: ChosenProps) {
	const { t } = useTranslation('groups');
	const line = useRef<HTMLDivElement>(null);
	const count = people.length;
	const before = useRef(count);
	useEffect(() => {
		// who was chosen last is in sight
		if (count > before.current) line.current?.scrollTo({ left: line.current.scrollWidth });
		before.current = count;
	}, [count]);
	if (count === 0) return <p className={styles.none}>{t('picker.none')}</p>;
	return (
		<div ref={line} className={styles.line}>
			<TagGroup
				aria-label={t('picker.count', { count })}
				{...(isDisabled
					? {}
					: {
							onRemove: (keys) => {
								for (const key of keys) onRemove(String(key));
							},
						})}
			>
				<TagList
					className={styles.list ?? ''}
					items={people.map((person) => ({ id: person.member, person }))}
				>
					{({ person }) => (
						<Tag textValue={person.displayName} className={styles.chip ?? ''}>
							<bdi className={styles.name}>{person.displayName}</bdi>
							<Button slot="remove" className={styles.remove ?? ''}>
								<CloseIcon />
							</Button>
						</Tag>
					)}
				</TagList>
			</TagGroup>
		</div>
	);
}

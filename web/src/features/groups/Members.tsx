import { type RefObject, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useApp } from '../../app/engine-context';
import { useLocale } from '../../app/format';
import { useMedia } from '../../app/use-media';
import type { Conversation, GroupRole } from '../../engine/contract';
import { Button } from '../../ui/button/Button';
import { PlusIcon } from '../../ui/icons';
import { SearchField } from '../../ui/search-field/SearchField';
import { PersonEntry } from '../people/PersonEntry';
import { ActDialog, type Asked } from './ActDialog';
import styles from './GroupDetails.module.css';
import { GroupTrouble } from './GroupTrouble';
import { MemberMenu } from './MemberMenu';
import type { GroupModel } from './model/group-model';
import { found, type Member, membersOf, searchFrom, shownAtOnce } from './model/members';
import { actsOn } from './model/rights';

export interface MembersProps {
	conversation: Conversation;
	model: GroupModel;
	admin: boolean;
	/** null: one may not add anybody. */
	onAdd: (() => void) | null;
}

/** Who is in a group, and what they may do in it. Of many, the first are shown, and a search finds the others. */
export function Members({ conversation, model, admin, onAdd }: MembersProps) {
	const { t } = useTranslation('groups');
	const { t: people } = useTranslation('people');
	const me = useApp((state) => state.session?.me.member ?? '');
	const language = useLocale();
	const [query, setQuery] = useState('');
	const [most, setMost] = useState(shownAtOnce);
	const [asked, setAsked] = useState<Asked | null>(null);
	const heading = useRef<HTMLHeadingElement>(null);
	const all = useMemo(() => membersOf(conversation, me, language), [conversation, me, language]);
	const fit = useMemo(() => found(all, query), [all, query]);
	const more = Math.min(fit.length - most, shownAtOnce);
	return (
		<section className={styles.part}>
			<Head onAdd={onAdd} heading={heading} />
			{all.some(({ self, person }) => !self && !person.verified) && (
				<p className={styles.muted}>{people('details.why')}</p>
			)}
			{all.length > searchFrom && <Search query={query} onQuery={setQuery} count={fit.length} />}
			<ul className={styles.people}>
				{fit.slice(0, most).map((one) => (
					<Entry
						key={one.person.member}
						member={one}
						own={admin ? (conversation.group?.role ?? null) : null}
						model={model}
						onAsk={setAsked}
					/>
				))}
			</ul>
			{more > 0 && (
				<Button wide onPress={() => setMost(most + shownAtOnce)}>
					{t('members.more', { count: more })}
				</Button>
			)}
			{asked && (
				<ActDialog
					asked={asked}
					model={model}
					onClose={(done) => {
						setAsked(null);
						// whoever is removed takes the button that had the focus along
						if (done) requestAnimationFrame(() => heading.current?.focus());
					}}
				/>
			)}
		</section>
	);
}

interface SearchProps {
	query: string;
	onQuery: (query: string) => void;
	/** So many are found. */
	count: number;
}

function Search({ query, onQuery, count }: SearchProps) {
	const { t } = useTranslation('groups');
	const found = count === 0 ? t('members.nobody') : t('members.found', { count });
	return (
		<>
			<SearchField label={t('members.search')} labelShown value={query} onChange={onQuery} />
			<p role="status" className={count === 0 ? styles.muted : 'visually-hidden'}>
				{query.trim() === '' ? '' : found}
			</p>
		</>
	);
}

interface HeadProps extends Pick<MembersProps, 'onAdd'> {
	heading: RefObject<HTMLHeadingElement | null>;
}

function Head({ onAdd, heading }: HeadProps) {
	const { t } = useTranslation('groups');
	const Heading = useMedia('phone') ? 'h3' : 'h4';
	return (
		<div className={styles.head}>
			<Heading ref={heading} tabIndex={-1} className={styles.heading}>
				{t('members.title')}
			</Heading>
			{onAdd && (
				<Button onPress={onAdd}>
					<PlusIcon />
					{t('members.add')}
				</Button>
			)}
		</div>
	);
}

interface EntryProps {
	member: Member;
	/** One's own role, where one may change anything. */
	own: GroupRole | null;
	model: GroupModel;
	onAsk: (asked: Asked) => void;
}

function Entry({ member, own, model, onAsk }: EntryProps) {
	const { t } = useTranslation('groups');
	const { person, role, self } = member;
	const acts = own === null ? [] : actsOn(role, { own, self });
	const pending = useStore(model, (state) => state.pending.has(person.member));
	const failure = useStore(model, ({ failed }) => (failed?.about === person.member ? failed.failure : null));
	return (
		<PersonEntry
			person={person}
			self={self}
			role={role === 'member' ? null : t(`role.${role}`)}
			menu={
				acts.length > 0 && (
					<MemberMenu
						member={member}
						acts={acts}
						pending={pending}
						model={model}
						onAsk={(act) => onAsk({ act, person })}
					/>
				)
			}
			trouble={<GroupTrouble failure={failure} />}
		/>
	);
}

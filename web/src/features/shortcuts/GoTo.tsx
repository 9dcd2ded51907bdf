import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { Autocomplete } from 'react-aria-components/Autocomplete';
import { Collection, Header, ListBox, ListBoxItem, ListBoxSection } from 'react-aria-components/ListBox';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useApp, useAppStore, useEngine } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import { Avatar } from '../../ui/avatar/Avatar';
import { Dialog } from '../../ui/dialog/Dialog';
import { ComposeIcon, ForwardIcon, HelpIcon, PersonIcon, SettingsIcon } from '../../ui/icons';
import { SearchField } from '../../ui/search-field/SearchField';
import { createPeopleSearch } from '../people/model/people-search';
import { useOpenDirect } from '../people/use-open-direct';
import styles from './GoTo.module.css';
import { type Goal, type GoalGroup, goals, type ScreenName } from './model/goals';

const icons = { new: ComposeIcon, settings: SettingsIcon, invite: PersonIcon, help: HelpIcon };

/** Go to anything: a conversation, a person, a screen, by typing a bit of its name. */
export function GoTo({ onClose }: { onClose: () => void }) {
	const { t } = useTranslation('home');
	const [query, setQuery] = useState('');
	const groups = useGoals(query);
	const { go, failure } = useGo(onClose);
	return (
		<Dialog isOpen onClose={onClose} title={t('goTo.title')}>
			<Autocomplete inputValue={query} onInputChange={setQuery}>
				<SearchField label={t('goTo.label')} placeholder={t('goTo.placeholder')} autoFocus />
				<FailureBanner failure={failure} />
				<ListBox
					aria-label={t('goTo.title')}
					className={styles.list ?? ''}
					items={groups}
					renderEmptyState={() => <p className={styles.nothing}>{t('goTo.nothing')}</p>}
					onAction={(key) => {
						const goal = groups.flatMap((group) => group.goals).find(({ id }) => id === key);
						if (goal) void go(goal);
					}}
				>
					{(group: GoalGroup) => (
						<ListBoxSection id={group.id}>
							<Header className={styles.header}>{t(`goTo.${group.id}`)}</Header>
							<Collection items={group.goals}>
								{(goal: Goal) => (
									<ListBoxItem textValue={goal.name} className={styles.goal ?? ''}>
										<Face goal={goal} />
										<bdi className={styles.name}>{goal.name}</bdi>
										<ForwardIcon className={styles.arrow} />
									</ListBoxItem>
								)}
							</Collection>
						</ListBoxSection>
					)}
				</ListBox>
			</Autocomplete>
		</Dialog>
	);
}

function Face({ goal }: { goal: Goal }) {
	if (goal.is !== 'screen') return <Avatar name={goal.name} id={goal.face} size="small" />;
	const Icon = icons[goal.screen];
	return (
		<span className={styles.icon}>
			<Icon />
		</span>
	);
}

/** What can be gone to: what is here at once, people of the organisation a moment later. */
function useGoals(query: string): GoalGroup[] {
	const { t } = useTranslation('home');
	const engine = useEngine();
	const app = useAppStore();
	const conversations = useApp((state) => state.conversations);
	const me = useApp((state) => state.session?.me.member ?? '');
	const admin = useApp((state) => state.session?.role === 'admin');
	const [search] = useState(() => createPeopleSearch(engine, app));
	useEffect(() => search.start(), [search]);
	useEffect(() => {
		if (query.trim() !== '') search.look(query);
	}, [search, query]);
	const found = useStore(search, (state) => state.found);
	return useMemo(() => {
		const screens: { screen: ScreenName; name: string }[] = [
			{ screen: 'new', name: t('newConversation') },
			{ screen: 'settings', name: t('menu.settings') },
			...(admin ? [{ screen: 'invite' as const, name: t('menu.invite') }] : []),
			{ screen: 'help', name: t('menu.help') },
		];
		return goals({ query, conversations: conversations ?? [], people: found ?? [], screens, me });
	}, [t, query, conversations, found, admin, me]);
}

function useGo(onClose: () => void) {
	const navigate = useNavigate();
	const { openDirect, failure } = useOpenDirect();
	async function go(goal: Goal): Promise<void> {
		if (goal.is === 'screen') {
			const screens = {
				new: '/new',
				settings: '/settings',
				invite: '/settings/invite',
				help: '/help',
			} as const;
			onClose();
			return void navigate({ to: screens[goal.screen] });
		}
		const conversation = goal.is === 'conversation' ? goal.conversation : await openDirect(goal.person);
		if (conversation === null) return;
		onClose();
		void navigate({ to: '/c/$conversation', params: { conversation } });
	}
	return { go, failure };
}

import { useNavigate } from '@tanstack/react-router';
import { type Ref, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp } from '../../app/engine-context';
import { IconButton } from '../../ui/button/IconButton';
import { Choice } from '../../ui/choice/Choice';
import { ComposeIcon, HelpIcon, InfoIcon, MoreIcon, PersonIcon, SettingsIcon } from '../../ui/icons';
import { ButtonLink } from '../../ui/link/ButtonLink';
import { Menu, MenuItem } from '../../ui/menu/Menu';
import { SearchField } from '../../ui/search-field/SearchField';
import { ConversationList } from './ConversationList';
import styles from './ListPane.module.css';
import { ListSkeleton } from './ListSkeleton';
import { type Filter, listed } from './model/list';
import { useConversations } from './use-conversations';

export interface ListPaneProps {
	open: string | null;
	searchRef: Ref<HTMLInputElement>;
	onShortcuts: () => void;
}

/** The left side of the home: search, filter, the conversations. */
export function ListPane({ open, searchRef, onShortcuts }: ListPaneProps) {
	const { t } = useTranslation('home');
	const conversations = useConversations();
	const me = useApp((state) => state.session?.me.member ?? '');
	const [query, setQuery] = useState('');
	const [filter, setFilter] = useState<Filter>('all');
	const shown = useMemo(
		() => listed(conversations ?? [], { query, filter, me, open }),
		[conversations, query, filter, me, open],
	);
	const navigate = useNavigate();
	return (
		<nav className={styles.pane} aria-label={t('title')}>
			<Header onShortcuts={onShortcuts} />
			<div className={styles.tools}>
				<SearchField
					label={t('search')}
					placeholder={t('search')}
					inputRef={searchRef}
					value={query}
					onChange={setQuery}
					onSubmit={() => {
						const [first] = shown;
						if (first)
							void navigate({ to: '/c/$conversation', params: { conversation: first.conversation } });
					}}
				/>
				<Choice
					label={t('filter.label')}
					labelHidden
					value={filter}
					onChange={setFilter}
					options={[
						{ value: 'all', label: t('filter.all') },
						{ value: 'unread', label: t('filter.unread') },
					]}
				/>
			</div>
			<div className={styles.scroll}>
				{conversations === null ? (
					<ListSkeleton />
				) : shown.length > 0 ? (
					<ConversationList conversations={shown} open={open} me={me} />
				) : (
					<Nothing query={query} filter={filter} none={conversations.every((one) => one.hidden)} />
				)}
			</div>
		</nav>
	);
}

function Header({ onShortcuts }: { onShortcuts: () => void }) {
	const { t } = useTranslation('home');
	const navigate = useNavigate();
	const organisation = useApp((state) => state.session?.organisation ?? '');
	const admin = useApp((state) => state.session?.role === 'admin');
	return (
		<header className={styles.header}>
			<div className={styles.titles}>
				<h1 className={styles.title}>{t('title')}</h1>
				<bdi className={styles.organisation}>{organisation}</bdi>
			</div>
			<IconButton label={t('newConversation')} onPress={() => void navigate({ to: '/new' })}>
				<ComposeIcon />
			</IconButton>
			<Menu
				label={t('menu.label')}
				trigger={
					<IconButton label={t('menu.label')}>
						<MoreIcon />
					</IconButton>
				}
			>
				<MenuItem
					text={t('menu.settings')}
					icon={<SettingsIcon />}
					onAction={() => void navigate({ to: '/settings' })}
				/>
				{admin && (
					<MenuItem
						text={t('menu.invite')}
						icon={<PersonIcon />}
						onAction={() => void navigate({ to: '/settings/invite' })}
					/>
				)}
				<MenuItem text={t('menu.shortcuts')} icon={<InfoIcon />} onAction={onShortcuts} />
				<MenuItem text={t('menu.help')} icon={<HelpIcon />} onAction={() => void navigate({ to: '/help' })} />
			</Menu>
		</header>
	);
}

/** Why the list is empty, and what to do first. */
function Nothing({ query, filter, none }: { query: string; filter: Filter; none: boolean }) {
	const { t } = useTranslation('home');
	const admin = useApp((state) => state.session?.role === 'admin');
	if (none) {
		const who = admin ? 'admin' : 'member';
		return (
			<div className={styles.nothing}>
				<h2>{t(`empty.${who}.title`)}</h2>
				<p>{t(`empty.${who}.lead`)}</p>
				<ButtonLink kind="primary" to={admin ? '/settings/invite' : '/new'}>
					{t(`empty.${who}.action`)}
				</ButtonLink>
				{admin && <ButtonLink to="/new">{t('empty.member.action')}</ButtonLink>}
			</div>
		);
	}
	if (query.trim() !== '') {
		return (
			<div className={styles.nothing}>
				<p role="status">{t('nothingFound.title')}</p>
				<ButtonLink to="/new">{t('nothingFound.action')}</ButtonLink>
			</div>
		);
	}
	return (
		<div className={styles.nothing}>{filter === 'unread' && <p role="status">{t('nothingUnread')}</p>}</div>
	);
}

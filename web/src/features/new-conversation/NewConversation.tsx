import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useApp, useAppStore, useEngine } from '../../app/engine-context';
import { useFailureText } from '../../app/failures';
import type { Failure, Person } from '../../engine/contract';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { ButtonLink } from '../../ui/link/ButtonLink';
import { BackLink } from '../../ui/page/BackLink';
import { ScreenHeading } from '../../ui/page/ScreenHeading';
import { createPeopleSearch } from '../people/model/people-search';
import { PeoplePicker } from '../people/PeoplePicker';
import { useOpenDirect } from '../people/use-open-direct';
import styles from './NewConversation.module.css';

/** Finding somebody by name, and writing to them. */
export function NewConversation() {
	const { t } = useTranslation('people');
	const { t: home } = useTranslation('home');
	const engine = useEngine();
	const app = useAppStore();
	const navigate = useNavigate();
	const admin = useApp((state) => state.session?.role === 'admin');
	const me = useApp((state) => state.session?.me.member ?? '');
	const [search] = useState(() => createPeopleSearch(engine, app));
	const { opening, failure, openDirect } = useOpenDirect();
	useEffect(() => {
		const stop = search.start();
		search.look('');
		return stop;
	}, [search]);
	const state = useStore(search);
	const wrong = failure ?? state.failure;
	const people = state.found?.filter((person) => person.member !== me) ?? null;

	async function choose(person: Person): Promise<void> {
		const conversation = await openDirect(person);
		if (conversation !== null)
			void navigate({ to: '/c/$conversation', params: { conversation }, replace: true });
	}

	return (
		<section className={styles.pane} aria-label={t('new.title')}>
			<header className={styles.header}>
				<BackLink to="/" label={home('back')} />
				<ScreenHeading title={t('new.title')} />
			</header>
			<PeoplePicker
				label={t('new.search')}
				query={state.query}
				people={people}
				onQuery={search.look}
				onChoose={(person) => void choose(person)}
				isDisabled={opening !== null}
				trouble={wrong && <Trouble failure={wrong} onRetry={failure ? null : search.retry} />}
			/>
			{admin && (
				<p className={styles.invite}>
					<span>{t('new.inviteLead')}</span>
					<ButtonLink kind="quiet" to="/settings/invite">
						{t('new.invite')}
					</ButtonLink>
				</p>
			)}
		</section>
	);
}

function Trouble({ failure, onRetry }: { failure: Failure; onRetry: (() => void) | null }) {
	const { t } = useTranslation('people');
	const say = useFailureText();
	return (
		<Banner
			tone={failure.is === 'offline' ? 'calm' : 'bad'}
			live="alert"
			action={
				onRetry && (
					<Button kind="quiet" onPress={onRetry}>
						{t('new.retry')}
					</Button>
				)
			}
		>
			{say(failure)}
		</Banner>
	);
}

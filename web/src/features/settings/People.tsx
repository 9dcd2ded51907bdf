import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useApp, useAppStore } from '../../app/engine-context';
import { FailureBanner } from '../../app/FailureBanner';
import { useFormat } from '../../app/format';
import type { Command, Failure, Person } from '../../engine/contract';
import { Avatar } from '../../ui/avatar/Avatar';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { ConfirmButton } from '../../ui/confirm/ConfirmButton';
import { CopyField } from '../../ui/copy-field/CopyField';
import { Dialog } from '../../ui/dialog/Dialog';
import { QrCode } from '../../ui/qr/QrCode';
import { SearchField } from '../../ui/search-field/SearchField';
import { usePeopleSearch } from '../people/use-people-search';
import { isolate } from '../timeline/model/clean';
import styles from './People.module.css';
import { PersonMenu } from './PersonMenu';
import { SectionPage } from './SectionPage';

/** Everybody in the organisation, for admins: who asks for approval, and who needs a new way in. */
export function People() {
	const { t } = useTranslation('settings');
	const search = usePeopleSearch();
	const { query, found, failure } = useStore(search);
	const others = useApp((state) => state.forgottenOthers);
	const [resetting, setResetting] = useState<Person | null>(null);
	const asks = (person: Person) => others.some((other) => other.member === person.member);
	return (
		<SectionPage title={t('nav.people')} lead={t('people.lead')}>
			{others.map((person) => (
				<Approval key={person.member} person={person} />
			))}
			<SearchField label={t('people.search')} labelShown value={query} onChange={search.look} />
			<FailureBanner failure={failure} />
			{found?.length === 0 && <p>{t('people.nobody')}</p>}
			<ul className={styles.list}>
				{found?.map((person) => (
					<li key={person.member} className={styles.person}>
						<Avatar name={person.displayName} id={person.member} />
						<div className={styles.names}>
							<bdi className={styles.name}>{person.displayName}</bdi>
							<bdi className={styles.login}>{person.loginName}</bdi>
							{person.admin && <span className={styles.login}>{t('role.admin')}</span>}
							{person.suspended && <span className={styles.asks}>{t('people.suspended')}</span>}
							{asks(person) && <span className={styles.asks}>{t('people.asks')}</span>}
						</div>
						<Button kind="quiet" onPress={() => setResetting(person)}>
							{t('people.reset')}
							<span className="visually-hidden"> {isolate(person.displayName)}</span>
						</Button>
						<PersonMenu person={person} onDone={search.retry} />
					</li>
				))}
			</ul>
			{resetting && <ResetDialog person={resetting} onClose={() => setResetting(null)} />}
		</SectionPage>
	);
}

/** How a command goes that somebody waits for. */
function usePerform() {
	const { actions } = useAppStore();
	const [busy, setBusy] = useState(false);
	const [failure, setFailure] = useState<Failure | null>(null);
	async function perform(command: Command): Promise<boolean> {
		setBusy(true);
		setFailure(null);
		const outcome = await actions.perform(command);
		setBusy(false);
		if (!outcome.ok) setFailure(outcome.failure);
		return outcome.ok;
	}
	return { busy, failure, perform };
}

/** Somebody has forgotten their passphrase, and is still signed in on a device. */
function Approval({ person }: { person: Person }) {
	const { t } = useTranslation('settings');
	const { busy, failure, perform } = usePerform();
	const name = isolate(person.displayName);
	return (
		<>
			<Banner
				tone="warn"
				live="status"
				action={
					<ConfirmButton
						kind="quiet"
						label={t('forgotten.approve')}
						question={t('people.approveQuestion')}
						about={name}
						isPending={busy}
						onConfirm={() => void perform({ do: 'approveForgotten', member: person.member })}
					/>
				}
			>
				{t('people.forgot', { name })}
			</Banner>
			<FailureBanner failure={failure} />
		</>
	);
}

/** What a reset means, then the link to hand over. */
function ResetDialog({ person, onClose }: { person: Person; onClose: () => void }) {
	const { t } = useTranslation('settings');
	const format = useFormat();
	const { busy, failure, perform } = usePerform();
	const [made, setMade] = useState(false);
	const link = useApp((state) => state.resetLink);
	const name = isolate(person.displayName);
	const shown = made && link?.member === person.member ? link : null;

	async function make(): Promise<void> {
		if (await perform({ do: 'resetMember', member: person.member })) setMade(true);
	}

	return (
		<Dialog
			isOpen
			onClose={onClose}
			title={t('people.resetTitle', { name })}
			actions={
				shown ? (
					<Button kind="primary" onPress={onClose}>
						{t('people.done')}
					</Button>
				) : (
					<>
						<Button kind="quiet" onPress={onClose}>
							{t('people.notNow')}
						</Button>
						<Button kind="danger" onPress={() => void make()} isPending={busy}>
							{t('people.makeLink')}
						</Button>
					</>
				)
			}
		>
			{shown ? (
				<>
					<p>{t('people.handOver', { name })}</p>
					<div className={styles.code}>
						<QrCode content={shown.link} label={t('people.qr')} />
					</div>
					<CopyField label={t('people.link')} text={shown.link} />
					<p role="status">{t('people.once', { until: format.dateTime(shown.expires) })}</p>
				</>
			) : (
				<>
					<p>{t('people.means', { name })}</p>
					<ul className={styles.points}>
						<li>{t('people.point1')}</li>
						<li>{t('people.point2', { name })}</li>
						<li>{t('people.point3')}</li>
					</ul>
					<p>{t('people.sure', { name })}</p>
				</>
			)}
			<FailureBanner failure={failure} />
		</Dialog>
	);
}

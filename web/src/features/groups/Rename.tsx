import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAppStore } from '../../app/engine-context';
import type { Conversation, Failure } from '../../engine/contract';
import { Button } from '../../ui/button/Button';
import { Dialog } from '../../ui/dialog/Dialog';
import { Form } from '../../ui/form/Form';
import { TextField } from '../../ui/text-field/TextField';
import { GroupTrouble } from './GroupTrouble';
import { titleMax, titleProblem } from './model/title';

export interface RenameProps {
	conversation: Conversation;
	/** It has a title, from which one goes on. */
	named: boolean;
	onClose: () => void;
}

/** Gives a group another name. It is kept at once, also without a connection. */
export function Rename({ conversation, named, onClose }: RenameProps) {
	const { t } = useTranslation('groups');
	const { title, write, problem, refused, failure, busy, save } = useRename(conversation, named, onClose);
	const form = useId();
	return (
		<Dialog
			isOpen
			onClose={onClose}
			title={t('rename.title')}
			actions={
				<>
					<Button onPress={onClose}>{t('rename.cancel')}</Button>
					<Button type="submit" form={form} kind="primary" isPending={busy}>
						{t('rename.save')}
					</Button>
				</>
			}
		>
			<Form id={form} onSubmit={() => void save()}>
				<TextField
					label={t('new.name')}
					value={title}
					onChange={write}
					error={
						problem !== null
							? t(`problem.${problem}`, { max: titleMax })
							: refused
								? t('problem.title')
								: null
					}
					autoComplete="off"
					autoFocus
				/>
				<GroupTrouble failure={refused ? null : failure} />
			</Form>
		</Dialog>
	);
}

function useRename({ conversation, title: before }: Conversation, named: boolean, onDone: () => void) {
	const { actions } = useAppStore();
	const [title, setTitle] = useState(named ? before : '');
	const [tried, setTried] = useState(false);
	const [busy, setBusy] = useState(false);
	const [failure, setFailure] = useState<Failure | null>(null);

	async function save(): Promise<void> {
		setTried(true);
		setFailure(null);
		if (titleProblem(title, true) !== null || busy) return;
		setBusy(true);
		const outcome = await actions.perform({ do: 'setTitle', conversation, title: title.trim() });
		setBusy(false);
		if (outcome.ok) onDone();
		else setFailure(outcome.failure);
	}

	function write(value: string): void {
		setTitle(value);
		setFailure(null);
	}

	const problem = tried ? titleProblem(title, true) : null;
	return { title, write, problem, refused: failure?.is === 'name', failure, busy, save };
}

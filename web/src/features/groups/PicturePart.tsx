import { useRef, useState } from 'react';
import { FileTrigger } from 'react-aria-components/FileTrigger';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { toast } from '../../ui/toast/toasts';
import styles from './GroupDetails.module.css';
import { GroupTrouble } from './GroupTrouble';
import type { GroupModel } from './model/group-model';
import { makePicture, type PictureProblem } from './model/picture';

export interface PicturePartProps {
	/** There is one. */
	there: boolean;
	model: GroupModel;
}

/** Chooses the picture of a group, or takes it away. It is kept at once, also without a connection. */
export function PicturePart({ there, model }: PicturePartProps) {
	const { t } = useTranslation('groups');
	const { pending, failed } = useStore(model);
	const { making, problem, choose, remove } = useChoosing(model);
	const busy = pending.has('picture');
	// the button that takes it away goes with it: the focus stays here
	const choosing = useRef<HTMLButtonElement>(null);
	return (
		<>
			<div className={styles.pictureActions}>
				<FileTrigger
					acceptedFileTypes={['image/*']}
					onSelect={(files) => {
						const file = files?.item(0);
						if (file) void choose(file);
					}}
				>
					<Button kind="secondary" isPending={making || busy} ref={choosing}>
						{t(there ? 'picture.change' : 'picture.choose')}
					</Button>
				</FileTrigger>
				{there && (
					<Button
						kind="quiet"
						isPending={making || busy}
						onPress={() => void remove().then((gone) => gone && choosing.current?.focus())}
					>
						{t('picture.remove')}
					</Button>
				)}
			</div>
			{problem !== null && (
				<Banner tone="bad" live="alert">
					{t(`picture.problem.${problem}`)}
				</Banner>
			)}
			<GroupTrouble failure={failed?.about === 'picture' ? failed.failure : null} />
		</>
	);
}

function useChoosing(model: GroupModel) {
	const { t } = useTranslation('groups');
	const [making, setMaking] = useState(false);
	const [problem, setProblem] = useState<PictureProblem | null>(null);

	async function choose(file: Blob): Promise<void> {
		setProblem(null);
		setMaking(true);
		const made = await makePicture(file);
		setMaking(false);
		if (!made.ok) return setProblem(made.problem);
		const outcome = await model.setPicture(made.jpeg);
		if (outcome.ok) toast(t('picture.changed'));
	}

	async function remove(): Promise<boolean> {
		setProblem(null);
		const outcome = await model.setPicture(null);
		if (outcome.ok) toast(t('picture.removed'));
		return outcome.ok;
	}

	return { making, problem, choose, remove };
}

import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { cleanLine } from './model/clean';
import type { TalkModel } from './model/talk-model';

/** Says aloud what arrives, politely. */
export function Announcer({ model }: { model: TalkModel }) {
	const { t } = useTranslation('timeline');
	const arrival = useStore(model, (state) => state.arrival);
	const [said, setSaid] = useState<{ text: string; odd: boolean }>({ text: '', odd: false });
	useEffect(() => {
		if (arrival === null) return;
		const text =
			arrival.is === 'one'
				? t('arrived', { sender: cleanLine(arrival.sender), text: cleanLine(arrival.text) })
				: t('arrivedMany', { count: arrival.count });
		// the same words twice are only read twice if something in them changes
		setSaid(({ odd }) => ({ text: odd ? text : `${text}\u00a0`, odd: !odd }));
	}, [arrival, t]);
	return (
		<div className="visually-hidden" role="status" aria-live="polite">
			{said.text}
		</div>
	);
}

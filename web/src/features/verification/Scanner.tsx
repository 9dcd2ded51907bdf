import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner } from '../../ui/banner/Banner';
import { Button } from '../../ui/button/Button';
import { Section } from '../../ui/page/Page';
import { type CameraProblem, mayPass, openCamera, watch } from './camera';
import styles from './Verification.module.css';

export interface ScannerProps {
	/** The bytes of the first code that is seen. */
	onCode: (code: Uint8Array) => void;
	onCancel: () => void;
}

/** The camera, looking for a QR code. */
export function Scanner(props: ScannerProps) {
	const [tries, setTries] = useState(0);
	// each try asks anew
	return <Try key={tries} {...props} onAgain={() => setTries(tries + 1)} />;
}

function Try({ onCode, onCancel, onAgain }: ScannerProps & { onAgain: () => void }) {
	const { t } = useTranslation('safety');
	const video = useRef<HTMLVideoElement>(null);
	const found = useRef(onCode);
	found.current = onCode;
	const [problem, setProblem] = useState<CameraProblem | null>(null);

	useEffect(() => {
		const stop = new AbortController();
		const onEnded = () => {
			if (!stop.signal.aborted) setProblem('ended');
		};
		void openCamera(onEnded).then((camera) => {
			if ('problem' in camera) {
				if (!stop.signal.aborted) setProblem(camera.problem);
				return;
			}
			const { stream, close } = camera;
			stop.signal.addEventListener('abort', close);
			const onProblem = (problem: CameraProblem) => {
				setProblem(problem);
				close();
			};
			if (stop.signal.aborted) close();
			else if (video.current)
				watch(video.current, stream, (code) => found.current(code), onProblem, stop.signal);
		});
		return () => stop.abort();
	}, []);

	return (
		<Section title={t('scan.title')} lead={problem ? undefined : t('scan.how')}>
			{problem ? (
				<Banner tone="warn" live="alert">
					{t(`scan.problem.${problem}`)}
				</Banner>
			) : (
				<div className={styles.camera}>
					<video ref={video} muted playsInline aria-label={t('scan.picture')} />
				</div>
			)}
			<div className={styles.ways}>
				{problem && mayPass(problem) && <Button onPress={onAgain}>{t('scan.tryAgain')}</Button>}
				<Button onPress={onCancel}>{problem ? t('scan.compareNumbers') : t('scan.cancel')}</Button>
			</div>
		</Section>
	);
}

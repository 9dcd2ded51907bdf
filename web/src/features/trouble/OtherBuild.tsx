import { useTranslation } from 'react-i18next';
import { EntryLayout } from '../../app/EntryLayout';
import { Button } from '../../ui/button/Button';

/** Another tab runs a build of the app that this one can't talk to: which of the two is to be loaded anew. */
export function OtherBuild({ own }: { own: 'older' | 'newer' }) {
	const { t } = useTranslation('trouble');
	const { t: common } = useTranslation('common');
	return (
		<EntryLayout title={t(`otherBuild.${own}.title`)} lead={t(`otherBuild.${own}.lead`)}>
			<Button kind="primary" wide onPress={() => window.location.reload()}>
				{own === 'older' ? common('health.reload') : t('otherBuild.again')}
			</Button>
		</EntryLayout>
	);
}

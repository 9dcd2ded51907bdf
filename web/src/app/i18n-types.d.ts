import type common from '../locales/en/common.json';
import type entry from '../locales/en/entry.json';
import type errors from '../locales/en/errors.json';
import type help from '../locales/en/help.json';
import type safety from '../locales/en/safety.json';
import type settings from '../locales/en/settings.json';
import type talk from '../locales/en/talk.json';

declare module 'i18next' {
	interface CustomTypeOptions {
		defaultNS: 'common';
		resources: {
			common: typeof common;
			entry: typeof entry;
			errors: typeof errors;
			help: typeof help;
			safety: typeof safety;
			settings: typeof settings;
			talk: typeof talk;
		};
	}
}

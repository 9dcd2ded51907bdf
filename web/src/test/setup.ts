import { cleanup, configure } from '@testing-library/react';
import { afterEach, beforeEach, vi } from 'vitest';

// machines that do other things as well take longer than the second that is usual
configure({ asyncUtilTimeout: 5_000, getElementError: (message) => new Error(message ?? 'not found') });

// there is no server; what asks it for the time hears that the clock is right
beforeEach(() => {
	vi.spyOn(globalThis, 'fetch').mockImplementation(
		async () => new Response(null, { headers: { date: new Date().toUTCString() } }),
	);
});

afterEach(() => {
	cleanup();
	vi.restoreAllMocks();
	localStorage.clear();
});

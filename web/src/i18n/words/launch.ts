// Words of approval, launch, progress, the client's personal data: [English, Russian].
export const launch = {
} as const;

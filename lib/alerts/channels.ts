/** What a channel's sealed secret is bound to. */
export const channelSubject = (channel: "email" | "webhook"): string => `alert-channel:${channel}`;

export function clientsFolder(): string;

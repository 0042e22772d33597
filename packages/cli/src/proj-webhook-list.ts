/** `pipl proj webhook list` */
import type { WebhookView } from '@pipl/project';
import type { DefineCommand } from './context.ts';
import { openToWrite } from './opening.ts';
import { counted } from './plural.ts';

const filterOf = ({ indexes, ops, kinds }: WebhookView): string =>
  [...(indexes ?? ['all indexes']), ...(ops ?? []), ...(kinds ?? [])].join(' ');

function stateOf({ behind, attempts, nextAt, lastStatus }: WebhookView): string {
  if (attempts > 0) return `refused ${attempts} times (${lastStatus ?? ''}), next try ${nextAt ?? 'soon'}`;
  return behind === 0 ? 'has everything' : `${counted(behind, 'change')} behind`;
}

export const command: DefineCommand = (into, context) =>
  into.action(async () => {
    const { client } = await openToWrite(context);
    const webhooks = await client.webhooks();
    for (const { id, dead } of webhooks.filter((one) => one.dead.length > 0)) {
      context.terminal.warn(
        `${id} was not given ${counted(dead.length, 'change')}: pipl proj webhook redeliver ${id}`,
      );
    }
    context.terminal.say(webhooks, () =>
      webhooks.map((hook) => [hook.id, hook.url, filterOf(hook), stateOf(hook)].join('\t')),
    );
  });

// A small Bolt app that must be happy with the fake Slack: Slack's own code is the judge of the imitation.
//   node app.mjs socket   SLACK_API_URL, SLACK_BOT_TOKEN, SLACK_APP_TOKEN: Socket Mode
//   node app.mjs http     SLACK_API_URL, SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET: signed HTTP, on a free port
// Prints "ready" (with the port in http mode) when it listens. Ends with its standard input.
import bolt from '@slack/bolt';
const { App, HTTPReceiver, LogLevel } = bolt;

const mode = process.argv[2];
const { SLACK_API_URL: slackApiUrl, SLACK_BOT_TOKEN: token, SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret } = process.env;
const endpoints = ['/slack/commands', '/slack/interactions', '/slack/events'];
const receiver = mode === 'http' ? new HTTPReceiver({ signingSecret, endpoints, logLevel: LogLevel.ERROR }) : undefined;
const app = new App({
  token, clientOptions: { slackApiUrl }, logLevel: LogLevel.ERROR,
  ...(receiver ? { receiver } : { socketMode: true, appToken }),
});

app.command('/eas', async ({ ack, respond, command }) => {
  await ack();
  await respond({
    text: `bolt heard: ${command.text}`,
    blocks: [{ type: 'actions', elements: [{ type: 'button', action_id: 'open', value: 'v1', text: { type: 'plain_text', text: 'Open' } }] }],
  });
});
app.action('open', async ({ ack, body, client, action }) => {
  await ack();
  await client.views.open({
    trigger_id: body.trigger_id,
    view: {
      type: 'modal', callback_id: 'form', private_metadata: `${body.container.channel_id} ${action.value}`,
      title: { type: 'plain_text', text: 'Form' }, submit: { type: 'plain_text', text: 'Send' },
      blocks: [{ type: 'input', block_id: 'why', label: { type: 'plain_text', text: 'Why' }, element: { type: 'plain_text_input', action_id: 'why' } }],
    },
  });
});
app.view('form', async ({ ack, view, body, client }) => {
  const why = view.state.values.why.why.value;
  if (why === 'no') return ack({ response_action: 'errors', errors: { why: 'Say more.' } });
  await ack();
  const [channel, value] = view.private_metadata.split(' ');
  const { ts } = await client.chat.postMessage({ channel, text: `${value} ${why}` });
  return client.chat.update({ channel, ts, text: `${value} ${why} from <@${body.user.id}>` });
});
app.event('app_home_opened', async ({ event, client }) => {
  await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [{ type: 'divider' }] } });
});
app.shortcut('eas.explain', async ({ ack, shortcut, say }) => {
  await ack();
  await say(`explained ${shortcut.message.ts}`);
});
app.error(async (error) => { console.error('error', error.code, error.message); });

const who = await app.client.auth.test();
const server = await app.start({ port: 0, host: '127.0.0.1' });
console.log(`ready ${who.user_id} ${mode === 'http' ? server.address().port : 0}`);
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));

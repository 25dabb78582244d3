// The page's own behaviour: it sends what a person does and puts in place what the server draws. All HTML comes from
// the server, escaped there.
'use strict';
(() => {
  const $ = (id) => document.getElementById(id);
  const { me, channel, thread, from } = document.body.dataset;
  const path = `/as/${encodeURIComponent(me)}`;
  const modal = $('modal');
  const toast = $('toast');
  let toastTimer = 0;

  const tell = (text) => {
    toast.textContent = text;
    toast.hidden = false;
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => { toast.hidden = true; }, 8000);
  };

  async function act(deed) {
    try {
      const answer = await fetch(`${path}/do`, {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(deed),
      });
      const body = answer.ok ? await answer.json() : { error: 'That did not work.' };
      if (body.error) tell(body.error);
    } catch {
      tell('The workspace cannot be reached. Is it still running?');
    }
  }

  function node(html) {
    const template = document.createElement('template');
    template.innerHTML = html;
    return template.content.firstElementChild;
  }

  // Live updates
  const atEnd = (scroll) => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 120;
  const toEnd = (scroll) => { scroll.scrollTop = scroll.scrollHeight; };

  const draw = {
    message({ id, list, html }) {
      const old = $(id);
      if (!html) { old?.remove(); return; }
      if (old) {
        const focused = old.contains(document.activeElement);
        const fresh = node(html);
        old.replaceWith(fresh);
        fresh.classList.add('changed');
        if (focused) { fresh.tabIndex = -1; fresh.focus({ preventScroll: true }); }
        return;
      }
      const holder = $(list);
      if (!holder) return;
      const scroll = holder.closest('.scroll');
      const follow = atEnd(scroll);
      holder.append(node(html));
      if (follow) toEnd(scroll);
    },
    badge({ channel: id, unread }) {
      const badge = document.querySelector(`[data-place="${CSS.escape(id)}"] .badge`);
      if (!badge) return;
      badge.hidden = unread === 0;
      badge.firstChild.textContent = unread;
    },
    home({ html }) { if ($('home')) $('home').innerHTML = html; },
    modal({ html }) {
      if (!html) { if (modal.open) modal.close(); modal.replaceChildren(); return; }
      const typed = values(modal.querySelector('form'));
      const view = modal.querySelector('form')?.dataset.view;
      modal.innerHTML = html;
      const form = modal.querySelector('form');
      // A view that changes keeps what has been typed, as in Slack.
      if (view === form.dataset.view) {
        for (const field of form.elements) {
          if (!(field.name in typed)) continue;
          if (field.type === 'radio' || field.type === 'checkbox') field.checked = typed[field.name].split(',').includes(field.value);
          else field.value = typed[field.name];
        }
      }
      if (!modal.open) modal.showModal();
      (form.querySelector('[aria-invalid]') ?? form.querySelector('.modal-body :is(input, textarea, select)') ?? form.querySelector('footer .btn:last-child')).focus();
    },
    reload() { location.reload(); },
  };

  const stream = new EventSource(`${path}/stream?${new URLSearchParams({ channel: 'home' in document.body.dataset ? '' : channel, thread, from })}`);
  stream.onmessage = (e) => { const change = JSON.parse(e.data); draw[change.kind](change); };
  stream.onopen = () => { document.body.dataset.live = ''; };
  stream.onerror = () => { delete document.body.dataset.live; };
  addEventListener('pagehide', () => stream.close());

  // Buttons, selects and menus of the app
  function values(form) {
    const out = {};
    for (const field of form?.elements ?? []) {
      if (!field.name) continue;
      if (field.type === 'radio' || field.type === 'checkbox') {
        out[field.name] ??= '';
        if (field.checked) out[field.name] += (out[field.name] ? ',' : '') + field.value;
      } else out[field.name] = field.value;
    }
    return out;
  }

  function sure(text) {
    if (!text) return Promise.resolve(true);
    const c = JSON.parse(text);
    const dialog = $('confirm');
    $('confirm-title').textContent = c.title;
    $('confirm-text').textContent = c.text;
    $('confirm-yes').textContent = c.confirm;
    $('confirm-no').textContent = c.deny;
    $('confirm-yes').className = `btn ${c.style || 'primary'}`;
    dialog.returnValue = 'no';
    dialog.showModal();
    $('confirm-no').focus();
    return new Promise((resolve) => { dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true }); });
  }

  async function press(element, value) {
    const { action, confirm } = element.dataset;
    const view = element.closest('[data-view]')?.dataset.view;
    const message = element.closest('.msg')?.dataset;
    element.closest('details')?.removeAttribute('open');
    if (!await sure(confirm)) return;
    element.setAttribute('aria-busy', 'true');
    if (view) await act({ do: 'click_view', view, action, value });
    else if (message) await act({ do: 'click', channel: message.channel, ts: message.ts, action, value });
    element.removeAttribute('aria-busy');
  }

  document.addEventListener('click', (e) => {
    const target = e.target.closest('button, [data-hint]');
    if (!target || target.getAttribute('aria-busy')) return;
    const data = target.dataset;
    if (data.action !== undefined) press(target, data.value || undefined);
    else if (data.button) act({ do: 'button', action: data.button });
    else if (data.shortcut) { const m = target.closest('.msg').dataset; act({ do: 'shortcut', action: data.shortcut, channel: m.channel, ts: m.ts }); }
    else if (data.close !== undefined) dismiss();
    else if (data.hint) pick(target);
    else if (target.id === 'drawer') drawer(document.body.classList.toggle('open'));
    else if (target.id === 'tips-done') { localStorage.setItem('tips', 'done'); $('tips').hidden = true; }
  });
  document.addEventListener('change', (e) => {
    if (e.target.matches('select[data-action]') && e.target.value) press(e.target, e.target.value);
  });
  document.addEventListener('keydown', (e) => {
    if (e.key !== 'Escape') return;
    for (const open of document.querySelectorAll('details[open]')) { open.removeAttribute('open'); open.querySelector('summary').focus(); }
    if (document.body.classList.contains('open')) { drawer(document.body.classList.toggle('open')); $('drawer').focus(); }
  });
  document.addEventListener('click', (e) => {
    for (const open of document.querySelectorAll('details[open]')) if (!open.contains(e.target)) open.removeAttribute('open');
  });
  const drawer = (open) => $('drawer').setAttribute('aria-expanded', open);

  // Modals
  const dismiss = () => act({ do: 'close', view: modal.querySelector('form').dataset.view });
  modal.addEventListener('cancel', (e) => { e.preventDefault(); dismiss(); });
  modal.addEventListener('submit', async (e) => {
    e.preventDefault();
    const form = e.target;
    const button = form.querySelector('[type=submit]');
    if (button.disabled) return;
    button.disabled = true;
    await act({ do: 'submit', view: form.dataset.view, values: values(form) });
    button.disabled = false;
  });

  // The message box
  const composer = $('composer');
  const hints = $('hints');
  const shown = () => [...(hints?.children ?? [])].filter((h) => !h.hidden);
  const chosen = () => hints?.querySelector('[aria-selected=true]');
  function pick(hint) { composer.value = `${hint.dataset.hint} `; hints.hidden = true; composer.focus(); }
  function suggest() {
    const text = composer.value;
    for (const hint of hints.children) {
      hint.hidden = !hint.dataset.hint.startsWith(text) || hint.dataset.hint === text;
      hint.setAttribute('aria-selected', 'false');
    }
    hints.hidden = !text.startsWith('/') || shown().length === 0;
  }
  function grow(box) { box.rows = Math.min(8, box.value.split('\n').length); }
  function send(box) {
    const text = box.value.trim();
    if (!text) return;
    box.value = '';
    grow(box);
    if (hints) hints.hidden = true;
    if (box === composer) act({ do: text.startsWith('/') ? 'slash' : 'say', channel, text });
    else act({ do: 'say', channel, thread, text });
  }
  for (const box of [composer, $('reply')]) {
    if (!box) continue;
    box.form.addEventListener('submit', (e) => { e.preventDefault(); send(box); });
    box.addEventListener('input', () => { grow(box); if (box === composer) suggest(); });
    box.addEventListener('keydown', (e) => {
      const list = box === composer && !hints.hidden ? shown() : [];
      if ((e.key === 'ArrowDown' || e.key === 'ArrowUp') && list.length) {
        e.preventDefault();
        const now = list.indexOf(chosen());
        list[now]?.setAttribute('aria-selected', 'false');
        list[(now + (e.key === 'ArrowDown' ? 1 : -1) + list.length) % list.length].setAttribute('aria-selected', 'true');
      } else if (e.key === 'Tab' && list.length && !e.shiftKey) {
        e.preventDefault();
        pick(chosen() ?? list[0]);
      } else if (e.key === 'Escape' && list.length) hints.hidden = true;
      else if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) {
        e.preventDefault();
        if (list.length && chosen()) pick(chosen());
        else send(box);
      }
    });
  }

  for (const scroll of document.querySelectorAll('.scroll')) toEnd(scroll);
  if ($('tips') && localStorage.getItem('tips') !== 'done') $('tips').hidden = false;
  if (composer && matchMedia('(pointer: fine)').matches) composer.focus();
})();

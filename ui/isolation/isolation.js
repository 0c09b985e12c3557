// Every message from the page to the node passes through here, in a frame that the page cannot reach. What is not on
// the list is dropped before it is encrypted, so a script smuggled into the page finds no more than these doors, even
// if a permission were granted by mistake.
const PASSED_COMMANDS = new Set([
  'node_view',
  'retry_start',
  'shell_state',
  'onboarding_networks',
  'onboarding_create',
  'onboarding_check',
  'onboarding_restore',
  'onboarding_choose_network',
  'onboarding_choose_sealed',
  'keys_restore',
  'phrase_show',
  'phrase_confirmed',
  'phrase_copy',
  'phrase_copy_end',
  'phrase_print',
  'phrase_save',
  'unlock',
  'lock',
  'library_page',
  'file_info',
  'file_versions',
  'file_rename',
  'files_remove',
  'files_verify_plan',
  'files_verify',
  'check_cancel',
  'files_repair_plan',
  'files_repair',
  'repair_cancel',
  'file_restore',
  'choose_upload',
  'selection_review',
  'upload_start',
  'selection_drop',
  'download_start',
  'transfers',
  'transfer_pause',
  'transfer_resume',
  'transfer_retry',
  'transfer_cancel',
  'transfers_clear',
  'transfers_pause_for',
  'transfer_reveal',
  'export_manifest',
  'share_copy',
  'import_manifest',
  'import_copied',
  'import_confirm',
  'opened',
  'bandwidth',
  'bandwidth_set',
  'hosting',
  'hosting_set',
  'hosting_pause',
  'hosting_resume',
  'hosting_leave',
  'hosting_stay',
  'network_hosts',
  'activity',
  'activity_counts',
  'activity_resolve',
  'activity_clear',
  'settings',
  'settings_set',
  'close_decided',
  'close_dismissed',
  'quit',
  'plugin:event|listen',
  'plugin:event|unlisten',
]);

// What the shell tells the page. The window toolkit has events of its own, which name the paths of what is dragged.
const PASSED_EVENTS = new Set([
  'node-view',
  'transfers',
  'library-changed',
  'activity-changed',
  'shell-state-changed',
  'drop',
  'refused',
  'opened',
  'close-asked',
  'navigate',
]);

window.__TAURI_ISOLATION_HOOK__ = (message) => {
  if (!PASSED_COMMANDS.has(message.cmd)) {
    throw new Error(`The isolation frame refuses the command ${JSON.stringify(message.cmd)}.`);
  }
  if (message.cmd === 'plugin:event|listen' && !PASSED_EVENTS.has(message.payload?.event)) {
    throw new Error(`The isolation frame passes no event ${JSON.stringify(message.payload?.event)} on.`);
  }
  return message;
};

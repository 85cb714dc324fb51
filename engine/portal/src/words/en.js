// The words of the portal. A key is PAGE.WHAT; {name} is filled in; ".one"/".other" follow a count {n}.
export default {
  "shell.skip": "Skip to the page",
  "shell.places": "Pages",
  "shell.plain": "Plain page",
  "shell.alarms.one": "one thing needs someone",
  "shell.alarms.other": "{n} things need someone",

  "place.home": "Home",
  "place.history": "History",
  "place.alarms": "Alarms",
  "place.devices": "Devices",
  "place.people": "People",
  "place.audit": "Audit log",
  "place.account": "Account",
  "place.policy": "Policy",
  "place.station": "Charging station",
  "place.signin": "Sign in",
  "place.setup": "Set up",

  "chooser.language": "Language",
  "chooser.theme": "Colours",
  "chooser.auto": "As the device",
  "chooser.light": "Light",
  "chooser.dark": "Dark",

  "banner.lost": "No connection to the gateway: what you see is old. Trying again.",

  "blank.home": "Back to the first page",
  "blank.loading.title": "Loading",
  "blank.missing.title": "There is nothing here",
  "blank.missing.text": "This address leads nowhere, or to something that you may not see.",
  "blank.unloaded.title": "This page did not load",
  "blank.unloaded.text": "The gateway may be restarting, or it was updated: load the page anew.",
  "blank.forbidden.title": "Not yours to see",
  "blank.forbidden.text": "Your account does not reach this page. An owner can change that.",
  "blank.offline.title": "The gateway does not answer",
  "blank.offline.text": "Nothing can be shown until it does.",
  "blank.empty.title": "Nothing to switch yet",
  "blank.empty.text": "This site has no policies. Add one to its folder, and it appears here.",

  "error.title": "This page has met a fault",
  "error.text": "The building is not affected: the gateway decides, not this page.",
  "error.reload": "Load it anew",
  "error.plain": "Plain page",

  "time.days.one": "one day",
  "time.days.other": "{n} days",
};

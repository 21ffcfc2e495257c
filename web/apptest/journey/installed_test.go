package journey_test

import (
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// noPushService stands for the push service of a browser's maker, which browsers
// of tests have none of.
const noPushService = `
	const kept = { subscription: null };
	PushManager.prototype.getSubscription = async () => kept.subscription ?? (localStorage.subscribed ? make() : null);
	PushManager.prototype.subscribe = async function (options) {
		localStorage.subscribed = "yes";
		return make();
	};
	const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0)).buffer;
	function make() {
		const keys = { p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", auth: "BTBZMqHH6r4Tts7J_aSIgg" };
		kept.subscription = { endpoint: "https://push.example.com/send/of-this-browser", getKey: (name) => bytes(keys[name]), unsubscribe: async () => { delete localStorage.subscribed; kept.subscription = null; return true; } };
		return kept.subscription;
	}`

// TestInstalledOnThePhone: the portal as an app, and notifications in it.
func TestInstalledOnThePhone(t *testing.T) {
	t.Parallel()
	browser := apptest.Chromium(t)
	app := apptest.NewPushed(t, apptest.NewPushService(t))
	app.Exec(`update company set trading_name = 'Northwind Air Conditioning'`)
	lee := app.HomeTab(browser)
	lee.Before(noPushService)
	lee.Open("/login")
	m, wrong := lee.Manifest()
	if len(wrong) > 0 {
		t.Errorf("the browser objects to the app: %q", wrong)
	}
	if m.Name != "Northwind Air Conditioning" || m.Display != "kStandalone" && m.Display != "standalone" || len(m.Icons) != 3 || m.StartURL != app.URL+"/" || m.Scope != app.URL+"/" || m.ID != app.URL+"/" {
		t.Errorf("%+v", m)
	}
	lee.Fill("Email Address", "lee@demo.test")
	lee.Fill("Password", apptest.Password)
	lee.Press("Log In")
	lee.See("Lee Nakamura")
	if lee.Await(`navigator.serviceWorker.getRegistration("/").then((r) => String(Boolean(r)))`) != "false" {
		t.Error("a service worker is there before anybody has asked for it")
	}

	lee.Open("/details/emails")
	lee.See("Turn on notifications")
	lee.Axe()
	lee.Allow()
	lee.Press("Turn on notifications")
	lee.See("Notifications are on for this device.")
	lee.See("This device")
	lee.Axe()

	shown := `navigator.serviceWorker.ready.then((r) => r.getNotifications()).then((all) => all.map((n) => n.title + "|" + n.body + "|" + n.tag + "|" + n.data.path).join(";"))`
	lee.Deliver(`{"title":"Northwind Air","body":"Your quote Q-1002 is ready","path":"/quotes/Q-1002?as=1","topic":"abc","icon":"","waiting":2}`, shown+`.then((text) => text !== "")`)
	if got := lee.Await(shown); got != "Northwind Air|Your quote Q-1002 is ready|abc|/quotes/Q-1002?as=1" {
		t.Errorf("shown: %s", got)
	}
	// The browser lets nobody but a hand open a page: what would be opened is noted.
	opened := lee.InWorker(`(async () => {
		let opened = "";
		Object.defineProperty(self.clients, "openWindow", { configurable: true, value: async (url) => { opened = url; } });
		const [notification] = await self.registration.getNotifications();
		self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
		await new Promise((done) => setTimeout(done, 300));
		return opened + " " + (await self.registration.getNotifications()).length;
	})()`)
	there, left, _ := strings.Cut(opened, " ")
	if there != app.URL+"/quotes/Q-1002?as=1" || left != "0" {
		t.Errorf("a press opens %q", opened)
	}
	lee.Open(there)
	lee.See("New split in kitchen")
	// What cannot be read is shown all the same, since browsers want that.
	lee.Deliver(`not JSON`, shown+`.then((text) => text.startsWith("Customer portal|There is news for you"))`)

	// Nothing of anybody's pages is kept.
	if n := lee.Await(`caches.keys().then((all) => String(all.length))`); n != "0" {
		t.Errorf("%s caches", n)
	}
	lee.Open("/details/emails")
	lee.Press("Remove")
	lee.See("Notifications are off on that device.")
	lee.See("Turn on notifications")
	if n := apptest.Value[int](app, `select count(*) from push_devices where ended_at is null`); n != 0 {
		t.Errorf("%d devices", n)
	}
	if lee.Await(`navigator.serviceWorker.getRegistration("/").then((r) => String(Boolean(r)))`) != "false" {
		t.Error("the service worker stays though nothing needs it")
	}
}

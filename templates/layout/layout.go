// Package layout holds the frames around every page: the customers' portal, the
// office, and what is seen before signing in (sign-in, welcome, failures). Frames take plain structs,
// so that they know neither the business nor its rules.
package layout

import (
	"cmp"
	"context"
	"strings"

	"github.com/a-h/templ"

	"fieldgate/internal/branding"
	"fieldgate/static"
	"fieldgate/templates/ui"
)

// Brand is how the business shows itself.
type Brand struct {
	Name string
	// LogoURL and BannerURL are pictures; without a logo the name's first letter stands in.
	LogoURL, BannerURL string
	// HeadURL is the logo as it stands at the head of pages; LogoURL when empty.
	HeadURL string
	// LogoWidth and LogoHeight keep its place free while it is on its way; zero when unknown.
	LogoWidth, LogoHeight int
	// PanelURL is the banner as it stands beside the form of a sign-in page; BannerURL when empty.
	PanelURL string
	// IconURL is the browser tab's icon; Fieldgate's own when empty.
	IconURL string
	// HomeIconURL is the icon as phones show it among their programs; none when empty.
	HomeIconURL string
	// ManifestURL says what the portal is as an app on phones; none when empty.
	ManifestURL string
	// StylesheetURL is app.css with the brand's colours, branding.Sheet; neutral when empty.
	StylesheetURL string
	// ThemeColor is the brand colour as #rrggbb, for the browser's own frame by day.
	ThemeColor string
	// Phone, Email and Website are shown wherever a customer may need help.
	Phone, Email, Website string
	// WelcomeText stands beside the portal's sign-in.
	WelcomeText string
	// Credit names the program in the footer, small.
	Credit bool
}

// ShortName is the name as it fits under an icon.
func (b Brand) ShortName() string { return branding.ShortName(b.Name) }

// Head is what a page says about itself to browsers and previews.
type Head struct {
	Title, Description string
	Brand              Brand
	// Neutral leaves the brand's colours out, for the office.
	Neutral bool
	// Office brings along what only the office shows: its styles and scripts.
	Office bool
	// Scripts brings along the office's scripts alone.
	Scripts bool
}

func (h Head) title() string {
	if h.Title == "" || h.Brand.Name == "" {
		return cmp.Or(h.Title, h.Brand.Name)
	}
	return h.Title + " – " + h.Brand.Name
}

// stylesheet is the one that the page loads. The office's has what portal and sign-in pages load, too.
func (h Head) stylesheet() string {
	switch {
	case h.Office:
		return static.URL("office.css")
	case h.Neutral || h.Brand.StylesheetURL == "":
		return static.URL("app.css")
	}
	return h.Brand.StylesheetURL
}

// script is the one that the page loads, as stylesheet is.
func (h Head) script() string {
	if h.Office || h.Scripts {
		return static.URL("office.js")
	}
	return static.URL("app.js")
}

// preview is the picture in previews of a link, and how large it may be shown.
func (h Head) preview() (url, card string) {
	if h.Brand.BannerURL != "" {
		return h.Brand.BannerURL, "summary_large_image"
	}
	return cmp.Or(h.Brand.LogoURL, h.Brand.HomeIconURL), "summary"
}

type originKey struct{}

// WithOrigin lets pages name themselves whole, as previews of links need it:
// origin is scheme and host, such as https://portal.example.com.
func WithOrigin(ctx context.Context, origin string) context.Context {
	return context.WithValue(ctx, originKey{}, strings.TrimSuffix(origin, "/"))
}

// Origin is what WithOrigin was given.
func Origin(ctx context.Context) string { return origin(ctx) }

func origin(ctx context.Context) string {
	o, _ := ctx.Value(originKey{}).(string)
	return o
}

// NavItem is a place to go; Icon is a name of static/icons.txt.
type NavItem struct {
	Label, URL, Icon string
	Current          bool
	// Count is shown when not empty: what waits there.
	Count string
}

// Preview is staff looking at the portal as a contact sees it; none without a Contact.
type Preview struct {
	Contact, Customer string
	// Access is a sentence about a contact who may not enter at present; empty otherwise.
	Access string
	// Until is the clock time at which it ends.
	Until string
	// EndURL ends it, by a POST.
	EndURL string
}

// PortalPage frames a page of the portal.
type PortalPage struct {
	Title, Description string
	Brand              Brand
	// Person is who is signed in, Customer whose records they look at.
	Person, Customer string
	// Nav holds only the areas this contact may see.
	Nav []NavItem
	// Scripts are those of the office, too: the gallery shows its parts.
	Scripts bool
	// HomeURL and LogoutURL are "/" and "/logout" when empty.
	HomeURL, LogoutURL string
	// SwitchURL leads to the choice of customer; empty for contacts of one customer.
	SwitchURL string
	// AllURL leads to what they may see of all their customers at once; empty there.
	AllURL string
	// Account are further links of the account menu: password, sign-in address.
	Account []NavItem
	Flash   ui.Message
	// DraftKey seals, in the browser, what is typed and not sent; empty keeps nothing.
	DraftKey string
	Preview  Preview
	// LeaveURL ends looking at one record by the link of an email; Person is then
	// whose link it is, and there is nothing else to go to.
	LeaveURL string
	// WaitingURL says how much waits for who is signed in, for the icon of the app.
	WaitingURL string
	// Narrow is for forms and texts, which long lines would make hard to read.
	Narrow bool
}

// OfficePage frames a page of the office.
type OfficePage struct {
	Title string
	Brand Brand
	// Staff is who is signed in, Role what they are.
	Staff, Role string
	Nav         []NavItem
	// SubNav lists the pages of Administration; empty elsewhere.
	SubNav []NavItem
	// SubNavLabel is "Administration" when empty.
	SubNavLabel string
	// HomeURL and LogoutURL are "/office" and "/office/logout" when empty.
	HomeURL, LogoutURL string
	Account            []NavItem
	Flash              ui.Message
	DraftKey           string // as PortalPage.DraftKey
	// SearchURL answers the search over everything; empty leaves it out.
	SearchURL string
	// Alert is a ui.Notice above every page: "The mail server does not answer."
	Alert templ.Component
	// Notice stays on every page: "This is the demo."
	Notice string
	Narrow bool
	// Kept are what other systems keep, by kind: the system's name.
	Kept map[string]string
}

// SignInPage frames what is seen before signing in, and failures.
type SignInPage struct {
	// Title is the page's heading, Intro the sentence beneath it.
	Title, Intro string
	Description  string
	Brand        Brand
	// Office leaves out the business's colours and welcome, and says "Office".
	Office bool
	// Greets shows the business's welcome on narrow screens too, below the form.
	Greets  bool
	Flash   ui.Message
	Preview Preview
}

// htmxConfig keeps htmx within the page's security policy (no eval, no styles of
// its own), shows a form with problems, an edit conflict or a limit (422, 409, 429) in place, keeps no copies of pages in
// the browser's storage, because computers are shared, and does not wait for ever.
const htmxConfig = `{"timeout":30000,"includeIndicatorStyles":false,"allowEval":false,"selfRequestsOnly":true,"historyCacheSize":0,"refreshOnHistoryMiss":true,"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"(409|422|429)","swap":true},{"code":"[45]..","swap":false,"error":true}]}`

func iconURL(b Brand) string { return cmp.Or(b.IconURL, static.URL("img/icon.svg")) }

func letter(name string) string {
	for _, r := range ui.Initials(name) {
		return string(r)
	}
	return "F"
}

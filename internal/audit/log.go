package audit

import (
	"context"
	"log/slog"
	"slices"
	"strings"
)

// Incident is something about signing in, rights or secrets that whoever
// watches the server should be able to see: a line in the log, always of the
// same form, which docs/operating.md describes.
type Incident struct {
	Event   string // sign-in-failed, staff-edited…
	Side    string // portal or office, "" for neither
	Account string // whose account it is about; never what was typed unless it is somebody's
	Reason  string
	Warns   bool // somebody was not let in
}

// Log writes the line of an incident. The address comes before anything that
// people have chosen, so that nobody can write a line that names another's.
func Log(ctx context.Context, by Actor, i Incident) {
	level := slog.LevelInfo
	if i.Warns {
		level = slog.LevelWarn
	}
	or := func(text string) string {
		if text == "" {
			return "-"
		}
		return text
	}
	attrs := []slog.Attr{
		slog.String("event", i.Event), slog.String("side", or(i.Side)), slog.String("address", by.Where()),
		slog.String("account", or(i.Account)), slog.String("reason", or(i.Reason)), slog.String("request", or(by.Request)),
	}
	if by.Proxied {
		attrs = append(attrs, slog.String("proxy", by.Address.String()))
	}
	slog.LogAttrs(ctx, level, "security", attrs...)
}

// Where is the address that lines of the log name: "-" when it is not known, or
// that of a proxy. Whoever bars a proxy bars everybody behind it.
func (a Actor) Where() string {
	if a.Proxied || !a.Address.IsValid() {
		return "-"
	}
	return a.Address.String()
}

// watched are the actions of the trail that are also lines in the log: what an
// attacker who got in would do. Field names whose changes matter stand behind
// those that are done every day.
var watched = map[Action][]string{
	PersonCreated: nil, PersonSignedIn: nil, PersonChangedPassword: nil, PersonAskedForANewPassword: nil, PersonAskedForACode: nil,
	PersonAskedForANewSignInAddress: nil, PersonChangedSignInAddress: nil, PersonSignedOutElsewhere: nil, PersonEndedSetPassword: nil,
	PersonAddedFactor: nil, PersonRemovedFactor: nil, PersonLostFactor: nil, PersonReportedFactorLost: nil, PersonUsedRecoveryCode: nil, PersonRenewedRecoveryCodes: nil,
	PersonAddedPasskey: nil, PersonRemovedPasskey: nil, PersonPasskeyCopied: nil, StaffAddedPasskey: nil, StaffRemovedPasskey: nil, StaffPasskeyCopied: nil,
	StaffAddedFactor: nil, StaffRemovedFactor: nil, StaffLostFactor: nil, StaffUsedRecoveryCode: nil, StaffRenewedRecoveryCodes: nil, SignInRulesEdited: nil,
	StaffCreated: nil, StaffEdited: {"role", "email"}, StaffSuspended: nil, StaffRestored: nil, StaffArchived: nil, StaffRestoredFromArchive: nil,
	StaffInvited: nil, StaffSignedIn: nil, StaffChangedPassword: nil, StaffAskedForANewPassword: nil,
	ContactInvited: nil, ContactActivated: nil, ContactEdited: {"email", "permissions"}, ContactSuspended: nil, ContactRestored: nil, ContactDetached: nil, ContactDisconnected: nil, ContactAskedForACode: nil,
	ContactPreviewed: nil, ContactDownloadedInPreview: nil, ListExported: nil, PortalSettingsEdited: nil,
	TokenCreated: nil, TokenEdited: {"scopes", "customers"}, TokenEnded: nil, ContactKeyCreated: nil, ContactKeyEnded: nil,
}

// logWatched writes the line of an action that is watched.
func logWatched(ctx context.Context, by Actor, n New, after map[string]any) {
	fields, ok := watched[n.Action]
	if !ok {
		return
	}
	var changed []string
	for _, f := range fields {
		if _, has := after[f]; has {
			changed = append(changed, f)
		}
	}
	if len(fields) > 0 && len(changed) == 0 {
		return
	}
	side := "office"
	if by.kind() == ByContact || n.Action.thing == "person" {
		side = "portal"
	}
	who := by.kind()
	if who == BySystem && by.Address.IsValid() {
		who = "a visitor"
	}
	reason := []string{"by " + who}
	if by.Name != "" && by.Name != n.Label {
		reason[0] += " " + by.Name
	}
	Log(ctx, by, Incident{
		Event: strings.ReplaceAll(n.Action.thing+"-"+n.Action.name, " ", "-"), Side: side, Account: n.Label,
		Reason: strings.Join(slices.Concat(reason, changed), ", "),
	})
}

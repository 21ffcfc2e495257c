package officeview

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"fieldgate/internal/address"
	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/day"
	"fieldgate/internal/equipment"
	"fieldgate/internal/job"
	"fieldgate/internal/portal/settings"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
	"fieldgate/internal/site"
	"fieldgate/internal/staff"
	"fieldgate/internal/token"
	"fieldgate/internal/webhook"
	"fieldgate/templates/route"
)

// kindWords are the kinds of things as the filter names them.
var kindWords = map[string]string{
	"job": "Jobs", "task": "Tasks", "time entry": "Time entries", "quote": "Quotes", "customer": "Customers", "site": "Sites", "contact": "Contacts", "equipment": "Equipment",
	"attachment": "Files", "person": "Portal sign-ins", "staff": "Staff", "job type": "Job types", "quote template": "Quote templates", "saved line": "Saved lines", "company": "Company details", "tax rate": "Tax rates",
	"portal settings": "Portal settings", "installation": "Installation", "message": "Messages", "email": "Emails", "sign-in": "Refused sign-ins", "export": "Exports", "retention": "Retention", "import": "Imports",
	"sign-in rules": "Rules for signing in", "document kind": "Kinds of documents", "waiting": "What waits in the office", "keeper": "Who keeps it", "token": "API tokens", "contact key": "API keys of contacts", "webhook": "Webhooks", "numbers": "Numbers", "file import": "Imports of files",
}

// ActionText is an entry of the trail as a sentence: By, Before, the thing itself
// as a link, After.
type ActionText struct {
	By            string
	Before        string
	Label, URL    string
	After         string
	Customer, CNo string
	Changes       []FieldChange
	At            time.Time
	ISO           string
	Clock, Date   string
	From          string
}

// FieldChange is what became of one field. Without Was, the thing is new.
type FieldChange struct {
	Label, Was, Is string
	Edited         bool
}

// NewActionText writes an entry of the trail in words.
func NewActionText(e audit.Entry, f company.Format) ActionText {
	was, is := entryFields(e.Before), entryFields(e.After)
	words := audit.ActionOf(e.Thing, e.Action).Sentence()
	if e.Thing == "job" && e.Action == "moved" {
		if sentence := movedTo[job.Status(entryText(is["status"]))]; sentence != "" {
			words = sentence
		}
	}
	d := ActionText{By: e.By, Label: e.Label, URL: entryURL(e), Customer: e.CustomerName, CNo: e.CustomerNumber, At: e.At, ISO: e.At.UTC().Format(time.RFC3339), Clock: f.Clock(e.At), Date: f.Date(&e.At)}
	if d.By == "" {
		d.By = map[string]string{audit.BySystem: "The program", audit.ByOperator: "The operator", audit.ByContact: "Somebody", audit.ByStaff: "Somebody", audit.ByToken: "The API"}[e.Actor]
	}
	d.Before, d.After, _ = strings.Cut(words, "%")
	if !strings.Contains(words, "%") {
		d.Label = ""
	}
	if e.Address != nil {
		d.From = e.Address.String()
	}
	// Who signs in as themselves needs no second name.
	if e.Action == "signed in" && e.Label == e.By {
		d.Before, d.Label = strings.TrimSuffix(d.Before, " as "), ""
	}
	for _, field := range fieldsOf(was, is) {
		c := FieldChange{Label: FieldLabel(e.Thing, field), Edited: e.Before != nil && e.After != nil}
		c.Was, c.Is = entryValue(e.Thing, field, was[field], f, e.Names, is), entryValue(e.Thing, field, is[field], f, e.Names, is)
		if c.Was != c.Is {
			d.Changes = append(d.Changes, c)
		}
	}
	return d
}

// Sentence is the action in one line, for exports.
func (d ActionText) Sentence() string { return d.By + " " + d.Before + d.Label + d.After }

// ChangeWords are the changed fields in one line, for exports.
func (d ActionText) ChangeWords() string {
	parts := make([]string, 0, len(d.Changes))
	for _, c := range d.Changes {
		if c.Edited {
			parts = append(parts, c.Label+": "+quoted(c.Was)+" → "+quoted(c.Is))
		} else {
			parts = append(parts, c.Label+": "+c.Was+c.Is)
		}
	}
	return strings.Join(parts, "; ")
}

func entryURL(e audit.Entry) string {
	number, _, _ := strings.Cut(e.Label, " ")
	switch {
	case e.Thing == "job", e.Thing == "time entry":
		return route.OfficeJob(e.Label)
	case e.Thing == "task":
		return route.OfficeJob(number, "tasks")
	case e.Thing == "quote":
		return route.OfficeQuote(e.Label)
	case e.Thing == "customer":
		return route.OfficeCustomer(e.Label)
	case e.Thing == "contact" && e.CustomerNumber != "":
		return contactURL(e.CustomerNumber, e.ThingID)
	case e.Thing == "site" && e.CustomerNumber != "":
		return route.OfficeCustomer(e.CustomerNumber, "sites", idText(e.ThingID))
	case e.Thing == "equipment" && e.Equipment != "":
		return route.OfficeEquipmentItem(e.Equipment)
	case e.Thing == "attachment" && e.Job != "":
		return route.OfficeJob(e.Job, "attachments")
	case e.Thing == "attachment" && e.Quote != "":
		return route.OfficeQuote(e.Quote, "attachments")
	case e.Thing == "attachment" && e.Equipment != "":
		return route.OfficeEquipmentItem(e.Equipment)
	case e.Thing == "attachment" && e.CustomerNumber != "":
		return route.OfficeCustomer(e.CustomerNumber, "attachments")
	case e.Thing == "message" && entryText(entryFields(e.After)["job"]) != "":
		return route.OfficeJob(e.Label)
	case e.Thing == "message":
		return route.OfficeQuote(e.Label)
	case e.Thing == "staff":
		return route.AdminStaffMember(e.ThingID)
	case e.Thing == "webhook":
		return route.AdminWebhook(e.ThingID)
	case e.Thing == "document kind":
		return documentKindURL(e.ThingID)
	case e.Thing == "job type":
		return route.Join(route.AdminJobTypes, idText(e.ThingID))
	case e.Thing == "quote template":
		return route.Join(route.AdminQuoteTemplates, idText(e.ThingID))
	case e.Thing == "saved line":
		return route.Join(route.AdminSavedLines, idText(e.ThingID))
	}
	return ""
}

// ActivityIDs are the ids in entries of the trail, by kind of thing, so that
// their names can be found at once.
func ActivityIDs(entries []audit.Entry) map[string][]int64 {
	found := map[string][]int64{}
	add := func(kind string, v any) {
		if n, ok := v.(float64); ok && n > 0 && !slices.Contains(found[kind], int64(n)) {
			found[kind] = append(found[kind], int64(n))
		}
	}
	for _, e := range entries {
		for _, side := range []map[string]any{entryFields(e.Before), entryFields(e.After)} {
			for field, v := range side {
				kind := audit.Reference(field)
				if kind == "" {
					continue
				}
				add(kind, v)
				if many, ok := v.([]any); ok {
					for _, one := range many {
						add(kind, one)
					}
				}
			}
		}
	}
	return found
}

func entryFields(raw json.RawMessage) map[string]any {
	var m map[string]any
	if json.Unmarshal(raw, &m) != nil {
		return nil
	}
	return m
}

// hidden are fields that say nothing to people.
var hidden = map[string]bool{"version": true, "nonce": true, "id": true, "person": true, "logo_type": true, "banner_type": true, "customer": true, "currency_of": true}

func fieldsOf(sides ...map[string]any) []string {
	all := map[string]bool{}
	for _, side := range sides {
		for field := range side {
			if !hidden[audit.FieldName(field)] {
				all[field] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// fieldLabels name the fields that no thing describes, where the field's own name does not.
var fieldLabels = map[string]string{
	"archived_at": "Archived", "addresses": "Job Type Notifications", "active": "Offered", "logo_key": "Logo", "banner_key": "Banner", "percent": "Per cent", "standard": "Standard rate",
	"customer_view": "Customer View", "sent_version": "Version sent", "must_change_password": "Has to choose a new password", "email": "Email Address",
}

// thingFields are the fields of things that describe them once.
var thingFields = map[string]problem.Fields{
	"customer": customer.Fields, "site": site.Fields, "contact": contact.Fields, "staff": staff.Fields, "company": company.Fields, "portal settings": settings.Fields,
	"job": job.Fields, "task": job.TaskFields, "time entry": job.TimeFields, "job type": job.TypeFields, "equipment": equipment.Fields, "quote": quote.Fields, "quote template": quote.TemplateFields,
	"saved line": quote.SavedLineFields, "token": token.Fields, "webhook": webhook.Fields,
}

// FieldLabel names a field of the trail as the forms do. What has no name of
// its own is written as words.
func FieldLabel(thing, field string) string {
	key := strings.TrimSuffix(audit.FieldName(field), "_id")
	if label := thingFields[thing].Label(key); label != "" {
		return label
	}
	if label := fieldLabels[key]; label != "" {
		return label
	}
	words := strings.ReplaceAll(key, "_", " ")
	if words == "" {
		return "Value"
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

func entryText(v any) string {
	s, _ := v.(string)
	return s
}

// enough is how much of a long text the trail shows.
const enough = 280

// entryValue writes what stands in a field as people read it.
func entryValue(thing, field string, v any, f company.Format, names audit.Names, is map[string]any) string {
	key := audit.FieldName(field)
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		return yesNo(v)
	case string:
		return stringValue(thing, key, v, f)
	case float64:
		if kind := audit.Reference(field); kind != "" {
			return nameOf(kind, int64(v), names)
		}
		switch key {
		case "price_estimate":
			code, _ := is["Currency"].(string)
			if code == "" {
				code = f.Currency
			}
			return f.Money(int64(v), code)
		case "size":
			return bytesWords(int64(v))
		case "age_limit_months", "sent_version":
			if v == 0 {
				return ""
			}
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		parts := make([]string, 0, len(v))
		for _, one := range v {
			parts = append(parts, entryValue(thing, field, one, f, names, is))
		}
		return clipped(strings.Join(parts, ", "))
	case map[string]any:
		raw, err := json.Marshal(v)
		var a address.Address
		if err == nil && json.Unmarshal(raw, &a) == nil && a.String() != "" {
			return a.String()
		}
		parts := make([]string, 0, len(v))
		for _, field := range fieldsOf(v) {
			if w := entryValue(thing, field, v[field], f, names, is); w != "" {
				parts = append(parts, FieldLabel(thing, field)+" "+w)
			}
		}
		return clipped(strings.Join(parts, ", "))
	}
	return ""
}

func nameOf(kind string, id int64, names audit.Names) string {
	switch name := names[kind][id]; {
	case id == 0:
		return ""
	case name != "":
		return name
	}
	return "no longer known"
}

func stringValue(thing, key, v string, f company.Format) string {
	switch key {
	case "status":
		return capitalised(v)
	case "access":
		if v == "none" {
			return "No access"
		}
		return capitalised(v)
	case "role":
		if thing == "staff" {
			return staff.Role(v).Label()
		}
	case "state", "age_limit", "priority", "colour", "jobs_see", "quotes_see", "equipment_see":
		return capitalised(v)
	case "file_quota":
		if v == "0" {
			return "As usual"
		}
		return v + " GB"
	case "logo_key", "banner_key":
		if v == "" {
			return "None"
		}
		return "A picture"
	}
	if d, err := day.Parse(v); err == nil {
		return f.Day(d)
	}
	if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
		return f.Moment(&t)
	}
	return clipped(v)
}

func capitalised(v string) string {
	words := strings.ReplaceAll(v, "_", " ")
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

func clipped(v string) string {
	if r := []rune(v); len(r) > enough {
		return string(r[:enough]) + "…"
	}
	return v
}

func bytesWords(n int64) string {
	if n < 1_000_000 {
		return strconv.FormatInt(max(1, n/1000), 10) + " KB"
	}
	return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) + " MB"
}

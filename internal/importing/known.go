package importing

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"
)

// layout is a table of a known program: by which heads it is recognised, and
// what its columns are. What it does not name is read by the heads of Kind.
type layout struct {
	source string
	name   string // of the table, in words
	kind   Kind   // what its rows are first of all
	// needs are heads that must all be there, alternatives set apart by "|";
	// never are heads of another table.
	needs, never []string
	// names are what the sheet or file may be called, and sheet what the sheet is,
	// where the heads alone do not say what it is.
	names   []string
	sheet   string
	columns map[string]Target
}

// layouts are the tables that are recognised by themselves, the most particular
// first. Heads are compact.
var layouts = []layout{
	// What this program exports: its lists, as they are on the screen.
	{source: Own, name: "customers", kind: Customers, needs: []string{"number", "name", "companyname", "streetaddress", "customersince"}, columns: map[string]Target{
		"streetaddress": "customers.street.whole", "postaladdress": "customers.postal.whole", "spaceforfilesgb": "", "customersince": "",
	}},
	{source: Own, name: "jobs", kind: Jobs, needs: []string{"number", "jobtype", "customernumber", "workundertaken", "status"}, columns: map[string]Target{"customernumber": "jobs.customer", "customer": "", "from": "", "timelogged": "", "description": "jobs.description"}},
	{source: Own, name: "quotes", kind: Quotes, needs: []string{"number", "customernumber", "answered", "currency"}, columns: map[string]Target{"customernumber": "quotes.customer", "customer": "", "from": "", "answered": "", "currency": ""}},
	{source: Own, name: "equipment", kind: Equipment, needs: []string{"customernumber", "serialnumber", "nextservicedue", "siteaddress"}, columns: map[string]Target{"customernumber": "equipment.customer", "customer": "", "siteaddress": ""}},
	{source: Own, name: "sites", kind: Sites, needs: []string{"site", "townorcity", "openjobs"}, columns: map[string]Target{"openjobs": "", "equipment": ""}},
	{source: Own, name: "contacts", kind: Contacts, needs: []string{"customernumber", "contactname", "emailaddress", "archived"}, columns: map[string]Target{"customernumber": "contacts.customer", "customer": ""}},

	// What a job or quote of Ascora is made up of stands in two sheets, whose prices
	// are in its total already; of the hours alone those of jobs come in.
	{source: "Ascora", name: "supplies", needs: []string{"jobnumber|quotenumber|jobquotenumber", "quantity|qty|unitprice|unitcost|partnumber|supply"}, never: []string{"billingcustomer", "customer", "customername"}, names: []string{"suppl"}},
	{source: "Ascora", name: "labour of quotes", needs: []string{"quotenumber"}, never: []string{"billingcustomer", "jobnumber", "customer"}, names: []string{"labour"}},

	// Ascora: job and quote workbooks have the same heads but for a few.
	{source: "Ascora", name: "quotes", kind: Quotes, needs: []string{"quotenumber", "issectionstage", "billingcustomer", "sitecustomer"}, never: []string{"jobnumber", "jobquotenumber"}, columns: ascoraWork(Quotes)},
	{source: "Ascora", name: "quotes", kind: Quotes, needs: []string{"jobquotenumber", "issectionstage", "billingcustomer", "sitecustomer"}, names: []string{"quote"}, columns: ascoraWork(Quotes)},
	{source: "Ascora", name: "jobs", kind: Jobs, needs: []string{"jobquotenumber|jobnumber", "issectionstage", "billingcustomer", "sitecustomer"}, columns: ascoraWork(Jobs)},
	{source: "Ascora", name: "customers and sites", kind: Customers, needs: []string{"billingcustomer", "customername|companyname|name"}, never: []string{"sitecustomer", "serialnumber", "jobnumber"}, columns: map[string]Target{
		"billingcustomer": "sites.customer", "companyname": "customers.company_name", "contact": "contacts.name", "contactname": "contacts.name", "contactfirstname": "contacts.first_name", "contactlastname": "contacts.last_name",
		"firstname": "contacts.first_name", "lastname": "contacts.last_name", "abn": "", "website": "",
		"billingaddressline1": "customers.postal.line1", "billingaddressline2": "customers.postal.line2", "billingsuburb": "customers.postal.city", "billingstate": "customers.postal.region", "billingpostcode": "customers.postal.postcode", "billingcountry": "customers.postal.country",
	}},
	{source: "Ascora", name: "contacts", kind: Contacts, needs: []string{"customername|customer|customerimportidorname", "contactfirstname|firstname", "contactlastname|lastname"}, never: []string{"jid", "givenname"}, sheet: "contacts"},
	{source: "Ascora", name: "equipment", kind: Equipment, needs: []string{"customername|customer|customerimportidorname", "serialnumber"}, never: []string{"siteid", "assettype"}, sheet: "equipment"},
	{source: "Ascora", name: "equipment", kind: Equipment, needs: []string{"customerimportidorname", "equipmentnumber"}},

	// Lists of customers of accounting programs. Xero has two addresses, for post and
	// for deliveries; MYOB has people's names in two columns, and twice the same heads
	// for further addresses.
	{source: "Xero", name: "contacts", kind: Customers, needs: []string{"contactname", "emailaddress", "poaddressline1|pocity", "saaddressline1|sacity|phonenumber"}, columns: xeroContacts()},
	{source: "MYOB", name: "cards", kind: Customers, needs: []string{"colastname", "cardid|cardstatus|recordid"}, columns: map[string]Target{
		"colastname": "customers.name", "firstname": "customers.first_name", "cardid": "customers.number", "cardstatus": "customers.archived", "recordid": "customers.external_id", "addr1line1": "customers.street.line1", "email": "contacts.email", "contactname": "contacts.name",
	}},
	{source: "QuickBooks", name: "customers", kind: Customers, needs: []string{"customer|customerfullname|name", "billingaddress|billaddress|billto", "shippingaddress|shipaddress|shipto|openbalance|balance|balancetotal"}, never: []string{"jobnumber", "quotenumber", "sitecustomer", "isindividual"}, columns: map[string]Target{
		"customer": "customers.name", "customerfullname": "customers.name", "fullname": "contacts.name", "phonenumbers": "customers.phone", "billingaddress": "customers.postal.whole", "billaddress": "customers.postal.whole", "billto": "customers.postal.whole",
		"shippingaddress": "customers.street.whole", "shipaddress": "customers.street.whole", "shipto": "customers.street.whole",
	}},

	// Housecall Pro: a job has the number of its invoice.
	{source: "Housecall Pro", name: "jobs", kind: Jobs, needs: []string{"invoicenumber", "onjobduration", "customer"}, columns: map[string]Target{
		"invoicenumber": "jobs.number", "createdat": "jobs.created_at", "date": "jobs.booked_from", "endtime": "jobs.booked_until", "finished": "jobs.completed_at", "employee": "jobs.staff", "address": "", "company": "",
	}},

	// Jobber: clients come with a line for each of their properties.
	{source: "Jobber", name: "clients and properties", kind: Customers, needs: []string{"jid", "firstname", "lastname"}, columns: jobberClients("jid")},
	{source: "Jobber", name: "clients and properties", kind: Customers, needs: []string{"firstname", "lastname", "companyname", "servicestreet1|servicestreet|propertystreet1|propertystreet|billingstreet1|billingstreet"}, never: []string{"quotenumber", "jobnumber"}, columns: jobberClients("clientid")},
	{source: "Jobber", name: "properties", kind: Sites, needs: []string{"clientname", "servicestreet|servicestreet1|propertystreet|propertystreet1|street|street1"}, never: []string{"quotenumber", "jobnumber", "firstname"}, columns: map[string]Target{
		"clientname": "sites.customer", "clientemail": "", "clientphone": "", "clientphonenumber": "", "taxrate": "",
	}},
	{source: "Jobber", name: "quotes", kind: Quotes, needs: []string{"quotenumber", "clientname", "drafteddate|approveddate|converteddate|changesrequesteddate"}, columns: jobberQuotes},
	{source: "Jobber", name: "quotes", kind: Quotes, needs: []string{"quotenumber", "clientname"}, never: []string{"jobnumber", "givenname"}, columns: jobberQuotes},
	{source: "Jobber", name: "jobs", kind: Jobs, needs: []string{"jobnumber", "clientname"}, never: []string{"givenname"}, columns: map[string]Target{
		"jobnumber": "jobs.number", "clientname": "jobs.customer", "clientemail": "jobs.main_contact_email", "clientphone": "", "title": "jobs.name", "jobtitle": "jobs.name", "lineitems": "jobs.description", "instructions": "jobs.description", "quotenumber": "jobs.quote",
		"visitsassignedto": "jobs.staff", "salesperson": "", "closeddate": "jobs.completed_at", "scheduledstartdate": "jobs.booked_from", "scheduledenddate": "jobs.booked_until", "createddate": "jobs.created_at", "invoicenumber": "jobs.invoice_number", "schedulestartdate": "jobs.booked_from", "scheduleenddate": "jobs.booked_until",
	}},

	// simPRO's import templates.
	{source: "simPRO", name: "assets", kind: Equipment, needs: []string{"assettype", "sitename|siteid|site"}, columns: map[string]Target{
		"assetid": "equipment.external_id", "assettype": "equipment.type", "sitename": "equipment.site", "siteid": "", "customername": "equipment.customer", "customerid": "",
	}},
	{source: "simPRO", name: "sites", kind: Sites, needs: []string{"sitename", "customername|customerid|customer|companyname"}, never: []string{"serialnumber", "jobnumber", "quotenumber", "billingcustomer", "clientname"}, columns: map[string]Target{
		"siteid": "sites.external_id", "customername": "sites.customer", "companyname": "sites.customer", "privatenotes": "sites.access_instructions", "publicnotes": "",
	}},
	{source: "simPRO", name: "contacts", kind: Contacts, needs: []string{"givenname", "familyname", "contactid"}, columns: simproContacts},
	{source: "simPRO", name: "contacts", kind: Contacts, needs: []string{"givenname", "familyname", "position|workphone|cellphone|department"}, never: []string{"customerid", "address", "streetaddress", "paymentterms", "customertype"}, columns: simproContacts},
	{source: "simPRO", name: "customers", kind: Customers, needs: []string{"givenname", "familyname", "companyname"}, columns: map[string]Target{
		"customerid": "customers.external_id", "companyname": "customers.company_name", "givenname": "contacts.first_name", "familyname": "contacts.last_name", "title": "", "email": "customers.email", "ein": "", "abn": "",
		"cellphone": "customers.mobile", "mobilephone": "customers.mobile", "mobile": "customers.mobile",
	}},

	// ServiceM8: a client has an address in one column and the same in several, and a
	// contact in the same row.
	{source: connected, name: "clients", kind: Customers, needs: []string{"isindividual|abnnumber|billingattention", "addressstreet|billingaddress", "firstname|contactfirstname|contactfirst|name"}, never: []string{"jobnumber", "jid", "billingcustomer"}, columns: map[string]Target{
		"uuid": "customers.external_id", "name": "customers.name", "companyname": "customers.name", "addressstreet": "customers.street.line1", "addresscity": "customers.street.city", "addressstate": "customers.street.region", "addresspostcode": "customers.street.postcode",
		"addresscountry": "customers.street.country", "billingaddress": "customers.postal.whole", "firstname": "contacts.first_name", "lastname": "contacts.last_name", "contactfirst": "contacts.first_name", "contactlast": "contacts.last_name",
		"contactfirstname": "contacts.first_name", "contactlastname": "contacts.last_name", "abnnumber": "", "website": "", "isindividual": "", "badges": "", "faxnumber": "",
	}},
	{source: connected, name: "jobs", kind: Jobs, needs: []string{"jobnumber|job", "jobaddress", "workorderdate|workdonedescription|quotedate|completiondate"}, never: []string{"billingcustomer"}, columns: map[string]Target{
		"uuid": "jobs.external_id", "jobnumber": "jobs.number", "job": "jobs.number", "client": "jobs.customer", "company": "jobs.customer", "jobaddress": "jobs.site_address.whole", "jobdescription": "jobs.description", "workdonedescription": "jobs.work_undertaken", "workdone": "jobs.work_undertaken",
		"category": "jobs.type", "date": "jobs.created_at", "completiondate": "jobs.completed_at", "jobcontactemail": "jobs.main_contact_email", "contactemail": "jobs.main_contact_email", "purchaseordernumber": "jobs.purchase_order",
		"billingaddress": "", "queue": "", "badges": "", "quotedate": "", "workorderdate": "",
	}},
}

// Own is the source of what this program exports.
const Own = "Fieldgate"

var simproContacts = map[string]Target{
	"contactid": "contacts.external_id", "companyname": "contacts.customer", "customername": "contacts.customer", "title": "", "workphone": "contacts.phone", "cellphone": "contacts.mobile", "position": "contacts.role",
}

var jobberQuotes = map[string]Target{
	"quotenumber": "quotes.number", "clientname": "quotes.customer", "clientemail": "quotes.main_contact_email", "clientphone": "", "title": "quotes.name", "lineitems": "quotes.description", "subtotal": "quotes.total_ex_tax", "total": "quotes.total_with_tax",
	"salesperson": "quotes.staff", "drafteddate": "quotes.created_at", "sentdate": "quotes.sent_at", "approveddate": "quotes.accepted_at", "jobnumber": "",
}

func ascoraWork(k Kind) map[string]Target {
	t := func(name string) Target { return Target(string(k) + "." + name) }
	columns := map[string]Target{
		"jobquotenumber": t("number"), "jobnumber": t("number"), "name": t("name"), "issectionstage": t("skip"), "status": t("status"), "datecreated": t("created_at"),
		"quotenumber": "jobs.quote", "sitecustomer": t("site"), "sitecontact": t("main_contact"), "billingcustomer": t("customer"), "billingcontact": "",
		"addressline1": t("site_address.line1"), "addressline2": t("site_address.line2"), "suburb": t("site_address.city"), "state": t("site_address.region"), "postcode": t("site_address.postcode"),
		"pricingmethod": "", "totalamountextax": "", "totaltax": "", "duedate": "", "team": "", "description": t("description"), "purchaseorder": t("purchase_order"), "clientordernumber": "", "jobtype": t(map[Kind]string{Jobs: "type", Quotes: "job_type"}[k]),
		"assignedto": t("staff"), "bookingdate": "jobs.booked_from",
	}
	if k == Quotes {
		columns["totalamountextax"], columns["totaltax"] = "quotes.total_ex_tax", "quotes.total_tax"
		columns["quotenumber"], columns["bookingdate"] = "quotes.number", ""
	}
	return columns
}

func xeroContacts() map[string]Target {
	columns := map[string]Target{
		"contactname": "customers.name", "accountnumber": "customers.number", "emailaddress": "customers.email", "firstname": "contacts.first_name", "lastname": "contacts.last_name", "phonenumber": "customers.phone", "mobilenumber": "customers.mobile",
		"legalname": "customers.company_name", "ddinumber": "",
	}
	for prefix, address := range map[string]string{"po": "customers.postal.", "sa": "customers.street."} {
		for head, part := range map[string]string{"addressline1": "line1", "addressline2": "line2", "city": "city", "region": "region", "postalcode": "postcode", "postcode": "postcode", "zipcode": "postcode", "country": "country"} {
			columns[prefix+head] = Target(address + part)
		}
	}
	return columns
}

func jobberClients(id string) map[string]Target {
	columns := map[string]Target{
		id: "customers.jobber_id", "firstname": "contacts.first_name", "lastname": "contacts.last_name", "displayname": "customers.name", "companyname": "customers.company_name", "title": "", "iscompany": "",
		"email": "contacts.email", "emails": "contacts.email", "mainphonenumber": "contacts.phone", "mobilephonenumber": "contacts.mobile", "workphonenumber": "customers.phone", "homephonenumber": "", "textmessageenabledphonenumber": "", "faxphonenumber": "", "otherphonenumber": "",
		"servicepropertyname": "sites.name", "propertyname": "sites.name", "tags": "", "leadsource": "customers.notes", "archived": "customers.archived",
	}
	for _, prefix := range []string{"service", "property"} {
		for part, heads := range map[string]string{"line1": line1Heads, "line2": line2Heads, "city": cityHeads, "region": regionHeads, "postcode": postcodeHeads, "country": "country"} {
			for _, h := range strings.Split(heads, "|") {
				columns[prefix+h] = Target("sites.address." + part)
			}
		}
	}
	for part, heads := range map[string]string{"line1": line1Heads, "line2": line2Heads, "city": cityHeads, "region": regionHeads, "postcode": postcodeHeads, "country": "country"} {
		for _, h := range strings.Split(heads, "|") {
			columns["billing"+h] = Target("customers.street." + part)
		}
	}
	return columns
}

// Recognised is what a table was taken for.
type Recognised struct {
	Source string // "" when it is of no program that is known
	Table  string // "customers and sites"
	Kind   Kind   // "" when nothing of it is known
	Own    bool   // a table of an export of everything
	// Columns are the fields of the columns, "" for what is not imported.
	Columns []Target
}

// Kinds are the kinds of things that stand in the table's rows.
func (r Recognised) Kinds() (kinds []Kind) {
	for _, k := range Kinds {
		if slices.ContainsFunc(r.Columns, func(t Target) bool { return t.Kind() == k }) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// Recognise finds out what a table is by its heads, and where they do not say it
// by what the sheet and the file are called.
func Recognise(file, sheet string, heads []string) Recognised {
	at := map[string]int{}
	keys := make([]string, len(heads))
	for i, h := range heads {
		keys[i] = key(h)
		at[compact(h)] = i
	}
	if r, ok := RecogniseOwn(sheet, heads, false); ok {
		return r
	}
	name, of := compact(sheet), compact(strings.TrimSuffix(path.Base(file), path.Ext(file)))
	for _, l := range layouts {
		if l.fits(at, name, of) {
			return l.read(heads)
		}
	}
	return guess(heads, keys, name, of)
}

// key is by what a head is known. Of one that says two things, as Customer / Company
// Name, it is the first that says anything.
func key(head string) string {
	whole := compact(head)
	if anyField(whole) {
		return whole
	}
	for _, part := range strings.Split(head, "/") {
		if k := compact(part); k != whole && anyField(k) {
			return k
		}
	}
	return whole
}

// anyField reports whether a head names a field of any kind.
func anyField(key string) bool {
	return slices.ContainsFunc(fields, func(f Field) bool { return slices.Contains(f.heads, key) })
}

// fits reports whether a table is of this layout.
func (l layout) fits(at map[string]int, sheet, file string) bool {
	has := func(alternatives string) bool {
		return slices.ContainsFunc(strings.Split(alternatives, "|"), func(h string) bool { _, ok := at[h]; return ok })
	}
	for _, n := range l.needs {
		if !has(n) {
			return false
		}
	}
	if slices.ContainsFunc(l.never, has) {
		return false
	}
	if l.sheet != "" && (sheet != l.sheet || sheet == file) { // a CSV file is called as its sheet
		return false
	}
	return l.names == nil || slices.ContainsFunc(l.names, func(n string) bool { return strings.Contains(sheet+" "+file, n) })
}

func (l layout) read(heads []string) Recognised {
	r := Recognised{Source: l.source, Table: l.name, Kind: l.kind, Columns: make([]Target, len(heads))}
	used := map[Target]bool{}
	keys := make([]string, len(heads))
	for i, h := range heads { // what the layout names goes first
		keys[i] = compact(h)
		t, named := l.columns[keys[i]]
		if named && t != "" && !used[t] {
			r.Columns[i], used[t] = t, true
		}
		if !named {
			keys[i] = key(h)
		}
	}
	for _, billing := range []bool{false, true} { // the address that bills go to is the second one
		for i, key := range keys {
			if _, named := l.columns[key]; named || r.Columns[i] != "" || strings.HasPrefix(key, "bill") != billing {
				continue
			}
			if t, ok := known(l.kind, key, used); ok {
				r.Columns[i], used[t] = t, true
			}
		}
	}
	r.Columns = inOneCell(keys, r.Columns)
	return r
}

// inOneCell are the columns with each address whole of which only one is there, and
// that is called an address and not the first line of one.
func inOneCell(keys []string, columns []Target) []Target {
	for i, t := range columns {
		of, line1 := strings.CutSuffix(string(t), ".line1")
		alone := !slices.ContainsFunc(columns, func(o Target) bool { return o != t && strings.HasPrefix(string(o), of+".") })
		if line1 && alone && strings.HasSuffix(keys[i], "address") {
			columns[i] = Target(of + ".whole")
		}
	}
	return columns
}

// ColumnsFor are the fields of columns when the rows are of a kind.
func ColumnsFor(k Kind, heads []string) []Target {
	return layout{kind: k}.read(heads).Columns
}

// Offered are the fields that columns of a table can be, for rows of a kind.
func Offered(k Kind) (all []Field) {
	kinds := []Kind{k}
	if k == Customers {
		kinds = []Kind{Customers, Contacts, Sites}
	}
	for _, kind := range kinds {
		all = append(all, FieldsOf(kind)...)
	}
	return all
}

// known is the field of a kind that a head names, and that no column before has taken.
func known(k Kind, key string, used map[Target]bool) (Target, bool) {
	for _, f := range fields {
		if t := f.Target(); f.Kind == k && !used[t] && slices.Contains(f.heads, key) {
			return t, true
		}
	}
	return "", false
}

// nameless are the names that spreadsheets give to sheets.
var nameless = regexp.MustCompile(`^(?:work)?(?:sheet|table|tabelle|feuil|hoja|blad|foglio|page|data|export|report)\d*$`)

type naming struct {
	kind  Kind
	words []string
}

// named are words for each kind, in the names of sheets and files.
var named = []naming{
	{Time, []string{"timeentr", "timesheet", "timelog", "labour"}},
	{QuoteLines, []string{"quoteline", "quoteitem", "lineitem", "quoteversion"}},
	{Tasks, []string{"task", "todo"}},
	{JobTypes, []string{"jobtype", "jobcategor"}},
	{Equipment, []string{"equipment", "asset", "appliance"}},
	{Contacts, []string{"contact", "people", "person"}},
	{Sites, []string{"site", "propert", "location", "premise"}},
	{Quotes, []string{"quote", "estimate", "proposal"}},
	{Jobs, []string{"job", "workorder", "visit"}},
	{Customers, []string{"customer", "client", "debtor", "account"}},
}

// telling are heads that say what a table is of, whatever it is called.
var telling = map[Kind][]string{
	Equipment:  {"serialnumber", "serialno", "serial", "model", "make", "assettype", "assetnumber", "equipmenttype", "nextservicedue", "nextservicedate"},
	Jobs:       {"jobnumber", "bookingdate", "datebooked", "workundertaken", "jobstatus", "scheduledstartdate"},
	Quotes:     {"validuntil", "quotestatus", "quotetitle", "expirydate"},
	QuoteLines: {"unitprice", "quantity", "qty"},
	Tasks:      {"task", "subject", "taskname"},
	Time:       {"hours", "timelogged", "hoursworked", "staffmember", "employee"},
	Sites:      {"sitename", "propertyname", "accessinstructions"},
	Contacts:   {"contactname", "position", "role"},
	Customers:  {"paymentterms", "customertype", "pricelevel", "accountmanager", "clienttype"},
}

// guess takes the kind that most of the heads fit, and reads each by its fields
// and then, where a head says so, by those of kinds that come along: a customer's
// contact, a customer's site.
func guess(heads, keys []string, sheet, file string) Recognised {
	score := map[Kind]int{}
	for _, k := range Kinds {
		used := map[Target]bool{}
		for _, key := range keys {
			if t, ok := known(k, key, used); ok {
				used[t] = true
				score[k] += 2
			}
			if slices.Contains(telling[k], key) {
				score[k] += 3
			}
		}
		if len(used) < 2 && len(keys) > 2 {
			score[k] = 0
		}
	}
	// The name of the sheet decides, and that of the file where the sheet has none of
	// its own.
	for _, name := range []string{sheet, file} {
		n := slices.IndexFunc(named, func(n naming) bool {
			return slices.ContainsFunc(n.words, func(w string) bool { return strings.Contains(name, w) })
		})
		if n >= 0 && score[named[n].kind] > 0 {
			score[named[n].kind] += 100
		}
		if n >= 0 || !nameless.MatchString(name) {
			break
		}
	}
	best := slices.MaxFunc(Kinds, func(a, b Kind) int {
		return cmp.Or(cmp.Compare(score[a], score[b]), cmp.Compare(slices.Index(likely, b), slices.Index(likely, a)))
	})
	if score[best] == 0 {
		return Recognised{Columns: make([]Target, len(keys))}
	}
	r := layout{kind: best}.read(heads)
	used := map[Target]bool{}
	for _, t := range r.Columns {
		used[t] = true
	}
	for i, key := range keys {
		if r.Columns[i] != "" || best != Customers {
			continue
		}
		for _, a := range along {
			rest, found := strings.CutPrefix(key, a.prefix)
			if !found {
				continue
			}
			t, ok := known(a.kind, key, used)
			if !ok {
				t, ok = known(a.kind, rest, used)
			}
			if ok {
				r.Columns[i], used[t] = t, true
				break
			}
		}
		if t, ok := known(Contacts, key, used); ok && (t == "contacts.first_name" || t == "contacts.last_name") {
			r.Columns[i], used[t] = t, true
		}
	}
	return r
}

// along are the kinds that come along with customers, by how their heads begin.
var along = []struct {
	prefix string
	kind   Kind
}{{"contact", Contacts}, {"site", Sites}, {"service", Sites}, {"property", Sites}}

// likely are the kinds in the order in which a doubtful table is one of them.
var likely = []Kind{Customers, Contacts, Sites, Jobs, Quotes, Equipment, QuoteLines, Time, Tasks, JobTypes}

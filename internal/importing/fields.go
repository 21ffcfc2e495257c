package importing

import (
	"slices"
	"strings"
	"unicode"

	"fieldgate/internal/customer"
	"fieldgate/internal/exchange"
	"fieldgate/internal/site"
)

// Kind is a kind of thing, as exchange has it; quote lines stand in tables of
// their own and come in with their quote.
type Kind = exchange.Kind

// The kinds.
const (
	Staff      = exchange.Staff
	JobTypes   = exchange.JobTypes
	Customers  = exchange.Customers
	Sites      = exchange.Sites
	Contacts   = exchange.Contacts
	Equipment  = exchange.Equipment
	Quotes     = exchange.Quotes
	QuoteLines = exchange.QuoteLines
	Jobs       = exchange.Jobs
	Tasks      = exchange.Tasks
	Time       = exchange.Time
)

// Kinds are those that tables hold, each behind what it refers to.
var Kinds = []Kind{JobTypes, Customers, Sites, Contacts, Equipment, QuoteLines, Quotes, Jobs, Tasks, Time}

// Label is a kind as screens write it: Customers, Quote Lines.
func Label(k Kind) string {
	for _, t := range exchange.Tables() {
		if t.Kind == k {
			return t.Name
		}
	}
	return k.Label()
}

// Sort is how the values of a field are read.
type Sort int

// The sorts of fields.
const (
	Words     Sort = iota // a line
	Long                  // a text
	Phone                 // a telephone number
	Day                   // a date
	Moment                // a date with a time of day
	Clock                 // a time of day
	Amount                // money
	Quantity              // a number
	Percent               // a rate
	Truth                 // yes or no
	Choice                // one of a few words
	Reference             // something named by its number or name
	People                // members of staff, by name or address
	Whole                 // an address in one cell
)

// Field is what a column can be imported as.
type Field struct {
	Kind  Kind
	Name  string
	Label string
	Sort  Sort
	// heads by which the field is known in a table of its kind, compact.
	heads []string
}

// Target names a field: "customers.name".
type Target string

// Target names the field.
func (f Field) Target() Target { return Target(string(f.Kind) + "." + f.Name) }

// Kind is the kind of the field.
func (t Target) Kind() Kind { k, _, _ := strings.Cut(string(t), "."); return Kind(k) }

// Name is the field's name.
func (t Target) Name() string { _, n, _ := strings.Cut(string(t), "."); return n }

const (
	line1Heads    = "addressline1|address1|addressline|street|street1|streetaddress|streetaddress1|line1|streetline1|physicaladdress"
	line2Heads    = "addressline2|address2|street2|streetaddress2|line2|streetline2|unit|suite"
	cityHeads     = "suburb|city|town|towncity|suburbcity|citysuburb|suburbtown|townorcity|locality"
	regionHeads   = "state|region|province|county|stateregion|stateprovince|stateorregion|stateprovinceregion"
	postcodeHeads = "postcode|postalcode|zip|zipcode|postcodezip|postalzipcode|zippostalcode|zippostcode"
	phoneHeads    = "phone|phonenumber|mainphone|mainphonenumber|telephone|tel|workphone|workphonenumber|businessphone|landline|phone1|primaryphone|homephone|homephonenumber|homenumber|officephone|phonenumber1"
	mobileHeads   = "mobile|mobilephone|mobilenumber|mobilephonenumber|cell|cellphone|cellphonenumber|cellular|altphone|alternatephone|phone2|phonenumber2|textmessageenabledphonenumber"
	emailHeads    = "email|emailaddress|emails|mail|primaryemail|email1|workemail"
	notesHeads    = "notes|note|comments|comment|internalnotes|privatenotes|officenotes|remarks"
	externalHeads = "externalid|id|sourceid|reference|uniqueid|guid|uuid|recordid|importid"
	archivedHeads = "archived|isarchived|inactive|deleted|active|isactive"
	customerHeads = "customer|customername|customerimportidorname|client|clientname|billingcustomer|customernumber|company|companyname|customercompany|account|accountname|customerid|clientid"
)

// addresses are what the addresses of things are called.
var addresses = map[string]string{"street": customer.Field.Street.Label, "postal": customer.Field.Postal.Label, "address": site.Field.Address.Label, "site_address": "Site address"}

// fields are all that can be imported.
var fields = func() (all []Field) {
	own := func(kind Kind, name, label string, sort Sort, heads string) {
		all = append(all, Field{kind, name, label, sort, strings.FieldsFunc(heads, func(r rune) bool { return r == '|' })})
	}
	add := func(kind Kind, name string, sort Sort, heads string) { // called as everywhere else
		known, _ := exchange.FieldNamed(kind, name)
		own(kind, name, known.Label, sort, heads)
	}
	where := func(kind Kind, name, prefix string) {
		label := addresses[name]
		with := func(heads string) string {
			if prefix == "" {
				return heads
			}
			var out []string
			for _, p := range strings.Split(prefix, "|") {
				for _, h := range strings.Split(heads, "|") {
					out = append(out, p+h)
				}
			}
			return strings.Join(out, "|")
		}
		own(kind, name+".line1", label+", line 1", Words, with(line1Heads))
		own(kind, name+".line2", label+", line 2", Words, with(line2Heads))
		own(kind, name+".city", label+", town or city", Words, with(cityHeads))
		own(kind, name+".region", label+", state or region", Words, with(regionHeads))
		own(kind, name+".postcode", label+", postcode", Words, with(postcodeHeads))
		own(kind, name+".country", label+", country", Words, with("country"))
		own(kind, name+".whole", label+", all in one column", Whole, with("address|fulladdress|wholeaddress"))
	}

	own(JobTypes, "external_id", "Id in its source", Words, externalHeads)
	add(JobTypes, "name", Words, "name|jobtype|type|jobtypename|category")
	add(JobTypes, "colour", Choice, "colour|color")
	add(JobTypes, "active", Truth, "active|offered|offeredfornewjobs|isactive|enabled")
	add(JobTypes, "default_description", Long, "defaultdescription|description")

	own(Customers, "external_id", "Id in its source", Words, externalHeads+"|customerid|clientid|companyid")
	own(Customers, "jobber_id", "Jobber's id, of customer and site", Words, "jid")
	add(Customers, "number", Words, "number|customernumber|clientnumber|accountnumber|customercode|customerno|code|debtorcode")
	add(Customers, "name", Words, "name|customername|clientname|customer|client|displayname|accountname|fullname")
	own(Customers, "first_name", "First name, where the name is a surname", Words, "")
	add(Customers, "company_name", Words, "companyname|company|businessname|tradingname|organisation|organization|legalname")
	add(Customers, "phone", Phone, phoneHeads+"|customerphone")
	add(Customers, "mobile", Phone, mobileHeads)
	add(Customers, "email", Words, emailHeads+"|customeremail|billingemail|accountsemail")
	where(Customers, "street", "")
	where(Customers, "street", "street|physical|billing")
	where(Customers, "postal", "postal|mailing|post|invoice|bill|billto|billing")
	add(Customers, "payment_terms", Words, "paymentterms|terms|accountterms|creditterms|tradingterms")
	add(Customers, "invoice_delivery", Words, "invoicesaredelivered|invoicedelivery|invoicemethod|deliverymethod")
	add(Customers, "invoice_address", Words, "invoicesgoto|invoiceemail|invoiceaddress|accountsemailaddress")
	add(Customers, "purchase_order_required", Truth, "purchaseorderrequired|porequired|requirespurchaseorder|requirepo|ordernumberrequired")
	add(Customers, "customer_type", Words, "customertype|clienttype|type|group|customergroup|category|industry")
	add(Customers, "on_hold", Truth, "onhold|credithold|onstop|stopcredit|onaccounthold")
	add(Customers, "account_manager", People, "accountmanager|salesperson|salesrep|manager")
	add(Customers, "price_level", Words, "pricelevel|pricetier|pricingtier|markup|pricegroup|pricelist")
	add(Customers, "notes", Long, notesHeads+"|customernotes|clientnotes|leadsource")
	add(Customers, "archived", Truth, archivedHeads)

	own(Sites, "external_id", "Id in its source", Words, externalHeads+"|siteid|propertyid|locationid")
	add(Sites, "customer", Reference, customerHeads)
	add(Sites, "name", Words, "site|sitename|name|propertyname|property|locationname|location|displayname|propertytitle")
	where(Sites, "address", "")
	where(Sites, "address", "site|property|service|location|job")
	add(Sites, "site_contact", Words, "sitecontact|sitecontactname|onsitecontact|contact|contactname|primarycontact|tenant|tenantname")
	add(Sites, "access_instructions", Long, "accessinstructions|access|accessnotes|instructions|sitenotes|propertynotes|publicnotes|accesscode|gatecode|"+notesHeads)
	add(Sites, "archived", Truth, archivedHeads)

	own(Contacts, "external_id", "Id in its source", Words, externalHeads+"|contactid")
	add(Contacts, "customer", Reference, customerHeads+"|site|sitename")
	add(Contacts, "name", Words, "contactname|name|contact|fullname|displayname|contactperson|primarycontact|maincontact")
	own(Contacts, "first_name", "First name", Words, "firstname|givenname|first|forename|contactfirstname|christianname")
	own(Contacts, "last_name", "Last name", Words, "lastname|surname|familyname|last|contactlastname")
	add(Contacts, "email", Words, emailHeads+"|contactemail|contactemailaddress")
	add(Contacts, "phone", Phone, phoneHeads+"|contactphone|contactphonenumber")
	add(Contacts, "mobile", Phone, mobileHeads+"|contactmobile|contactmobilenumber|contactcell")
	add(Contacts, "role", Words, "role|position|jobtitle|title|contactrole|contacttype|department|contactposition")
	add(Contacts, "default", Truth, "default|defaultcontact|isdefault|primary|isprimary|main")
	add(Contacts, "notes", Long, notesHeads+"|contactnotes")
	add(Contacts, "archived", Truth, archivedHeads)

	own(Equipment, "external_id", "Id in its source", Words, externalHeads+"|equipmentid")
	add(Equipment, "customer", Reference, customerHeads)
	add(Equipment, "site", Reference, "site|sitename|property|propertyname|sitecustomer|siteid|sitelocation")
	add(Equipment, "number", Words, "number|equipmentnumber|assetnumber|assetid|assettag|tag|assetcode|equipmentcode|barcode|assetno|code|uniquenumber")
	add(Equipment, "name", Words, "name|equipmentname|equipment|assetname|asset|description|item|unit|title|equipmentdescription|assetdescription")
	add(Equipment, "type", Words, "type|equipmenttype|assettype|category|class|equipmentcategory|assetclass")
	add(Equipment, "location", Words, "location|locationonsite|area|position|room|floor|where|equipmentlocation|assetlocation|level")
	add(Equipment, "make", Words, "make|manufacturer|brand")
	add(Equipment, "model", Words, "model|modelnumber|modelno")
	add(Equipment, "serial_number", Words, "serialnumber|serial|serialno|sn")
	add(Equipment, "installed_on", Day, "installed|installedon|fitted|fittedon|datefitted|installdate|installationdate|dateinstalled|purchasedate")
	add(Equipment, "commissioned_on", Day, "commissioned|commissionedon|commissiondate|commissioningdate|startdate")
	add(Equipment, "warranty_until", Day, "warrantyuntil|warrantyexpiry|warrantyexpires|warrantyexpirydate|warrantyenddate|warrantydate|warranty|warrantyend")
	add(Equipment, "last_service_on", Day, "lastservice|lastserviceon|lastservicedate|lastserviced|lasttested|lasttestdate")
	add(Equipment, "next_service_on", Day, "nextservicedue|nextservice|nextserviceon|nextservicedate|servicedue|nexttestdate|nextdue|duedate")
	own(Equipment, "status", "Status", Choice, "status|condition|archived|isarchived|retired|decommissioned|state")
	add(Equipment, "notes", Long, notesHeads)

	for _, k := range []Kind{Quotes, Jobs} {
		one := strings.TrimSuffix(string(k), "s")
		own(k, "external_id", "Id in its source", Words, externalHeads+"|"+one+"id")
		add(k, "number", Words, "number|"+one+"number|"+one+"no|jobquotenumber|"+one)
		add(k, "customer", Reference, customerHeads)
		add(k, "site", Reference, "site|sitename|property|propertyname|servicepropertyname|sitecustomer|servicelocation|location")
		where(k, "site_address", "")
		where(k, "site_address", "site|property|service|location|job")
		add(k, "main_contact", Reference, "maincontact|contact|contactname|sitecontact|jobcontact|primarycontact|clientcontact|customercontact")
		own(k, "main_contact_email", "Main contact's email", Reference, "contactemail|clientemail|customeremail|email|emailaddress|maincontactemail")
		add(k, "name", Words, "name|"+one+"name|briefdescription|title|"+one+"title|subject|jobquotename")
		add(k, "description", Long, "description|"+one+"description|longdescription|details|instructions|scope|scopeofwork|workdescription|lineitems|summary")
		add(k, map[Kind]string{Jobs: "type", Quotes: "job_type"}[k], Choice, "type|jobtype|category|worktype|jobcategory|servicetype")
		add(k, "status", Choice, "status|"+one+"status|stage|state|jobstage")
		add(k, "purchase_order", Words, "purchaseorder|po|ponumber|purchaseordernumber|ordernumber|clientordernumber|customerordernumber|orderno|customerpo")
		add(k, "preferred_on", Day, "preferreddate|preferredon|expecteddate|daterequired|requiredby|requesteddate|duedate|daterequested")
		add(k, "created_at", Moment, "created|datecreated|quotedate|date|createddate|createdat|createdon|dateadded|entereddate|dateissued|drafteddate")
		add(k, "staff", People, "assigned|assignedto|assignedstaff|staff|technician|technicians|engineer|visitsassignedto|teammembers|salesperson")
		add(k, "internal_notes", Long, notesHeads)
		own(k, "skip", "Leave out rows with Yes", Truth, "issectionstage|issection|isstage|sectionstage|deleted")
	}
	add(Quotes, "valid_until", Day, "validuntil|validuntildate|expirydate|expires|expiry|quoteexpiry|expirydateofquote|validto")
	add(Quotes, "sent_at", Moment, "sent|sentdate|datesent|senton|issued")
	own(Quotes, "accepted_at", "Accepted", Moment, "accepted|approveddate|accepteddate|dateaccepted|approved")
	add(Quotes, "inclusions", Long, "inclusions|included")
	add(Quotes, "exclusions", Long, "exclusions|excluded|notincluded")
	add(Quotes, "terms", Long, "terms|termsandconditions|clientmessage|contractdisclaimer")
	own(Quotes, "total_ex_tax", "Total without tax", Amount, "totalamountextax|totalextax|subtotal|totalexgst|amountextax|totalexcludingtax|totalexcludinggst|totalexclgst|totalexcltax|totalexclvat|totalexvat|netamount|netprice|nettotal|price|amount|quoteamount|quotevalue")
	own(Quotes, "total_tax", "Tax", Amount, "totaltax|tax|gst|vat|taxamount|totalgst|totalvat")
	own(Quotes, "total_with_tax", "Total with tax", Amount, "total|totalinctax|totalincgst|totalinclgst|totalincltax|totalinclvat|totalincvat|totalincludingtax|totalincludinggst|totalwithtax|totalamountinctax|amountinctax|grandtotal|totalamount|quotetotal")
	own(Quotes, "discount", "Discount", Amount, "discount|discountamount|totaldiscount")

	own(QuoteLines, "quote", "Quote", Reference, "quote|quotenumber|quoteno|quoteid|number")
	own(QuoteLines, "section", "Section", Words, "section|heading|group|costcentre|costcenter")
	own(QuoteLines, "description", "Description", Long, "description|linedescription|item|itemdescription|lineitem|product|productservice|itemname|lineitemname")
	own(QuoteLines, "quantity", "Quantity", Quantity, "quantity|qty|units")
	own(QuoteLines, "unit_price", "Unit price", Amount, "unitprice|price|rate|unitpriceextax|sellprice|unitsell|priceeach|sellpriceextax|sell")
	own(QuoteLines, "tax_rate", "Tax rate", Percent, "taxrate|taxcode|taxpercent|taxtype|gstrate|vatrate|gstcode")

	add(Jobs, "booked_from", Moment, "datebooked|bookingdate|jobdate|bookeddate|bookedfrom|booked|scheduled|scheduleddate|scheduledstartdate|scheduledstart|startdate|start|scheduledfor|appointment|visitdate|bookingstart|startdatetime")
	own(Jobs, "booked_time", "Time booked", Clock, "bookingtime|starttime|timebooked|scheduledtime|arrivaltime")
	add(Jobs, "booked_until", Moment, "bookeduntil|bookingend|scheduledenddate|scheduledend|enddate|finish|finishdate|end|bookingenddate|enddatetime")
	add(Jobs, "work_undertaken", Long, "workundertaken|workdone|workdonedescription|workcompleted|workperformed|completionnotes|worknotes|resolution|workcarriedout")
	add(Jobs, "completed_at", Moment, "completed|completedat|completeddate|datecompleted|completiondate|closeddate|dateclosed|finisheddate|finished|completedon")
	add(Jobs, "cancelled_why", Long, "cancelledwhy|whycancelled|cancellationreason|cancelreason|reasoncancelled")
	add(Jobs, "invoice_number", Words, "invoicenumber|invoice|invoiceno|invoicenumbers")
	add(Jobs, "invoicing_note", Long, "invoicingnote|invoicenote|invoicenotes")
	add(Jobs, "priority", Choice, "priority|urgency")
	add(Jobs, "quote", Reference, "quote|quotenumber|quoteno|linkedquote")
	add(Jobs, "equipment", Reference, "equipment|asset|assetnumber|equipmentnumber|assets|equipmentworkedon")

	add(Tasks, "job", Reference, "job|jobnumber|jobno|jobid")
	add(Tasks, "subject", Words, "subject|task|title|name|taskname|tasksubject")
	add(Tasks, "description", Long, "description|details|taskdescription|"+notesHeads)
	add(Tasks, "due_on", Day, "due|dueon|duedate|datedue")
	own(Tasks, "done", "Done", Truth, "done|completed|complete|iscomplete|finished|status")
	add(Tasks, "assignee", People, "assignee|assignedto|assigned|staff|technician")

	add(Time, "job", Reference, "job|jobnumber|jobno|jobid")
	add(Time, "worked_on", Day, "day|workedon|date|workdate|dateworked|timesheetdate")
	add(Time, "hours", Quantity, "hours|timelogged|duration|totalhours|hrs|quantity|time|hoursworked")
	add(Time, "staff", People, "staffmember|staff|employee|technician|user|assignedto|worker|name|teammember")
	add(Time, "start", Clock, "start|starttime|from|timefrom")
	add(Time, "end", Clock, "end|endtime|to|finish|finishtime|timeto")
	add(Time, "note", Long, "note|description|activity|worktype|"+notesHeads)
	return merge(all)
}()

// merge joins fields that were added twice, under other heads.
func merge(all []Field) (out []Field) {
	at := map[Target]int{}
	for _, f := range all {
		if i, known := at[f.Target()]; known {
			out[i].heads = append(out[i].heads, f.heads...)
			continue
		}
		at[f.Target()] = len(out)
		out = append(out, f)
	}
	return out
}

// FieldsOf are the fields of a kind, in the order of its form.
func FieldsOf(k Kind) (all []Field) {
	for _, f := range fields {
		if f.Kind == k {
			all = append(all, f)
		}
	}
	return all
}

var byTarget = func() map[Target]Field {
	all := map[Target]Field{}
	for _, f := range fields {
		all[f.Target()] = f
	}
	return all
}()

// FieldFor is the field that a target names.
func FieldFor(t Target) (Field, bool) { f, ok := byTarget[t]; return f, ok }

// compact is a head as it is compared: without case, blanks and punctuation, and
// with one word for number.
func compact(head string) string {
	head = strings.ReplaceAll(head, "#", " number ")
	words := strings.FieldsFunc(splitCamel(head), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		w = strings.ToLower(w)
		switch {
		case (w == "no" || w == "nr" || w == "num" || w == "numbers") && i > 0:
			w = "number"
		case w == "s" && i > 0 && words[i-1] == "number":
			w = ""
		case w == "mail" && i > 0 && words[i-1] == "e", w == "mails" && i > 0 && words[i-1] == "e":
			w = "mail"
		case w == "organization":
			w = "organisation"
		}
		words[i] = w
	}
	return strings.TrimSuffix(strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "required" && len(words) > 3 }), ""), "optional")
}

// splitCamel sets the words of "CompanyName" apart.
func splitCamel(s string) string {
	var out strings.Builder
	var before rune
	for _, r := range s {
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			out.WriteByte(' ')
		}
		out.WriteRune(r)
		before = r
	}
	return out.String()
}

// refersTo is the kind of what a field names.
func refersTo(f Field) Kind {
	known, _ := exchange.FieldNamed(f.Kind, f.Name)
	return known.Ref
}

// manyOf reports whether a field holds a list.
func manyOf(f Field) bool {
	known, _ := exchange.FieldNamed(f.Kind, f.Name)
	return known.Type == exchange.Many
}

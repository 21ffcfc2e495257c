package contact

import (
	"strings"

	"fieldgate/internal/problem"
)

// Words say in sentences what the permissions come to, for those who set them:
// "Sees the jobs of which they are the main contact, and may create jobs."
// Sites are the names of the selected ones. Rights that Needs finds wanting are
// left out, since they would give nothing.
func (p Permissions) Words(sites []string) []string {
	p = p.tidied()
	words := make([]string, 0, 7)
	if !p.AllSites {
		words = append(words, siteWords(sites))
	}
	words = append(words, p.jobWords(), p.quoteWords(), p.equipmentWords())
	if p.AllSites && (p.JobsSee == All || p.QuotesSee == All) {
		words = append(words, "Sees the files that were shared with the customer as a whole.")
	}
	if p.CompanyEdit {
		words = append(words, "Sees and edits their own details, the company’s details and its sites.")
	} else {
		words = append(words, "Sees the company’s details, and edits only their own.")
	}
	if p.ContactsManage && p.CompanyEdit {
		words = append(words, "Manages the customer’s other contacts, and gives them no more than they may do themselves.")
	}
	return words
}

func siteWords(sites []string) string {
	if len(sites) == 0 {
		return "Sees nothing yet: no site is ticked."
	}
	return "Only at " + sequence(sites) + ": everything at other sites, or without a site, is hidden."
}

func (p Permissions) jobWords() string {
	theirs, may := "", []string{}
	switch p.JobsSee {
	case Own:
		theirs = "Sees the jobs of which they are the main contact"
	case All:
		theirs = "Sees all jobs"
	default: // None, or nonsense from a form that is not done yet
		return "Sees no jobs."
	}
	if p.JobsCreate {
		may = append(may, "may create jobs")
	}
	if p.JobsEdit {
		may = append(may, "may edit "+which(p.JobsSee)+" until work has started")
	}
	return sentence(theirs, may)
}

func (p Permissions) quoteWords() string {
	theirs, may := "", []string{}
	switch p.QuotesSee {
	case Own:
		theirs = "Sees the quotes of which they are the main contact"
	case All:
		theirs = "Sees all quotes"
	default: // None, or nonsense from a form that is not done yet
		return "Sees no quotes."
	}
	if p.QuotesCreate {
		may = append(may, "may request quotes")
	}
	if p.QuotesEdit {
		may = append(may, "may edit "+which(p.QuotesSee)+" until the quote is sent")
	}
	if p.QuotesAccept {
		may = append(may, "may accept or decline what is offered")
	}
	return sentence(theirs, may)
}

func (p Permissions) equipmentWords() string {
	if p.EquipmentSee != All {
		return "Sees no equipment."
	}
	may := []string{}
	if p.EquipmentAdd {
		may = append(may, "may add equipment")
	}
	if p.EquipmentEdit {
		may = append(may, "may edit it")
	}
	return sentence("Sees all equipment", may)
}

func which(see See) string {
	if see == Own {
		return "those"
	}
	return "them"
}

func sentence(sees string, may []string) string {
	if len(may) == 0 {
		return sees + ", and changes nothing."
	}
	return sees + ", " + sequence(may) + "."
}

// sequence is "a", "a and b" or "a, b and c".
func sequence(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// Needs says what is missing for the rights that were chosen, by the field that
// would supply it; nil when nothing is.
func (p Permissions) Needs() problem.Set {
	set := problem.Set{}
	p.tidied().check(set)
	if len(set) == 0 {
		return nil
	}
	return set
}

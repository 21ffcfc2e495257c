package signin

// FindByToken is findLink, whatever the link is for.
var FindByToken = findLink

"""Common names of people and places by kind; those of a kind may stand for each other.

No name here is also a common English word (as Mark, China or Jordan the river are), so that a text
in small letters can be searched for them.
"""

NAMES: dict[str, tuple[str, ...]] = {
    kind: tuple(name.strip() for name in names.split(","))
    for kind, names in {
        "woman": """Alice, Amanda, Amy, Angela, Barbara, Brenda, Carolyn, Catherine,
            Christine, Cynthia, Deborah, Diane, Elizabeth, Emily, Emma, Helen, Jennifer, Jessica,
            Julia, Julie, Karen, Kathleen, Kimberly, Laura, Linda, Lisa, Margaret, Mary,
            Melissa, Michelle, Nancy, Nicole, Olivia, Patricia, Rachel, Rebecca, Samantha, Sandra,
            Sarah, Stephanie, Susan""",
        "man": """Alexander, Andrew, Anthony, Brandon, Brian, Charles, Christopher,
            Daniel, David, Edward, Eric, George, Gregory, Jacob, James, Jason, Jeffrey, Jonathan,
            Joseph, Joshua, Justin, Kenneth, Kevin, Larry, Matthew, Michael, Nicholas, Patrick,
            Paul, Richard, Robert, Ronald, Ryan, Samuel, Scott, Stephen, Steven, Thomas,
            William""",
        "American city": """Atlanta, Baltimore, Boston, Chicago, Cincinnati, Cleveland, Dallas,
            Denver, Detroit, Honolulu, Houston, Las Vegas, Los Angeles, Memphis, Miami, Milwaukee,
            Minneapolis, Nashville, New Orleans, Philadelphia, Pittsburgh, Sacramento, San Diego,
            San Francisco, Seattle, Tucson""",
        "city abroad": """Amsterdam, Athens, Bangkok, Beijing, Brussels, Budapest, Cairo,
            Copenhagen, Dublin, Frankfurt, Helsinki, Istanbul, Lisbon, London, Madrid,
            Melbourne, Milan, Montreal, Moscow, Munich, Nairobi, Oslo, Paris, Prague, Rome, Seoul,
            Singapore, Stockholm, Tokyo, Toronto, Vancouver, Venice, Vienna, Warsaw,
            Zurich""",
        "country": """Argentina, Australia, Austria, Belgium, Bulgaria, Cambodia, Canada,
            Colombia, Denmark, Egypt, Ethiopia, Finland, France, Germany, Greece, Hungary, India,
            Indonesia, Ireland, Italy, Kenya, Malaysia, Mexico, Mongolia, Nigeria, Norway,
            Pakistan, Peru, Poland, Portugal, Romania, Russia, Spain, Sweden, Thailand, Ukraine,
            Venezuela, Vietnam""",
    }.items()
}

"""What catalogues of data sets read: schema.org ``Dataset`` as JSON-LD, and the metadata that DataCite takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.exports.formats.columns import MEDIA_TYPES, About
from archive.exports.formats.describing import RIGHTS, ExportedFile
from archive.exports.json_values import instant_text
from archive.queries.words import CHINA

_TITLE = {
    "zh": "nianbao 政府信息公开工作年度报告平衡面板",
    "en": "nianbao: balanced panel of China's annual open-government reports",
}
_SIMULATED = {"zh": "（模拟数据）", "en": "SIMULATED: "}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDescription:
    """What both say of a release. ``years``: the first and the last; None of one without rows."""

    name: str
    about: About
    publisher: str
    years: tuple[int, int] | None
    part: str

    @property
    def day(self) -> str:
        """The day as of which it is."""
        return self.about.as_of.astimezone(CHINA).date().isoformat()

    @property
    def author(self) -> str:
        """Who publishes it."""
        return self.publisher or "operator of the nianbao archive"

    @property
    def abstract(self) -> str:
        """What it holds, in a sentence."""
        return (
            "One row per agency and year: status with its evidence, days late as bounds, revisions, findings, "
            "component measures, and every indicator of the national forms of 2014, 2019 and 2021 with value, state "
            f"and doubt. As of {instant_text(self.about.as_of)}; {self.part or 'everything'}. A blank is not 0."
        )

    def title(self, lang: str) -> str:
        """Its title."""
        return (_SIMULATED[lang] if self.about.simulated else "") + _TITLE[lang]


def json_ld(release: ReleaseDescription, files: Sequence[ExportedFile]) -> dict[str, object]:
    """Return the description as schema.org has it (https://schema.org/Dataset)."""
    content: dict[str, object] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": release.title("en"),
        "alternateName": release.title("zh"),
        "description": release.abstract,
        "version": release.name,
        "datePublished": release.day,
        "creator": {"@type": "Organization", "name": release.author},
        "isAccessibleForFree": True,
        "inLanguage": ["zh", "en"],
        "keywords": ["政府信息公开", "年度报告", "open government information", "freedom of information", "China"],
        "spatialCoverage": {"@type": "Place", "name": "China"},
        "usageInfo": RIGHTS,
        "variableMeasured": [
            {"@type": "PropertyValue", "name": column.name, "description": column.en, "unitText": column.unit}
            for column in (files[0].sheet.columns if files else ())
        ],
        "distribution": [
            {
                "@type": "DataDownload",
                "contentUrl": one.path,
                "encodingFormat": MEDIA_TYPES[one.fmt],
                "contentSize": f"{one.size} B",
                "sha256": one.digest,
            }
            for one in files
        ],
    }
    if release.years:
        content["temporalCoverage"] = f"{release.years[0]}/{release.years[1]}"
    return content | ({"license": release.about.licence} if release.about.licence else {})


def datacite(release: ReleaseDescription, files: Sequence[ExportedFile]) -> dict[str, object]:
    """Return the metadata of DataCite's schema 4.5; a DOI is given by whoever registers it."""
    content: dict[str, object] = {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {"resourceType": "Panel data", "resourceTypeGeneral": "Dataset"},
        "creators": [{"name": release.author, "nameType": "Organizational"}],
        "titles": [
            {"title": release.title("en"), "lang": "en"},
            {"title": release.title("zh"), "lang": "zh", "titleType": "TranslatedTitle"},
        ],
        "publisher": {"name": release.author},
        "publicationYear": release.day[:4],
        "version": release.name,
        "language": "zh",
        "dates": [{"date": release.day, "dateType": "Collected"}],
        "descriptions": [{"description": release.abstract, "descriptionType": "Abstract", "lang": "en"}],
        "subjects": [{"subject": "政府信息公开工作年度报告"}, {"subject": "open government information"}],
        "geoLocations": [{"geoLocationPlace": "China"}],
        "formats": sorted({MEDIA_TYPES[one.fmt] for one in files}),
        "sizes": [f"{sum(one.size for one in files)} bytes"],
    }
    rights = [{"rights": RIGHTS}]
    if release.about.licence:
        rights.append({"rights": release.about.licence, "rightsIdentifier": release.about.licence})
    return content | {"rightsList": rights}

"""The shelf of the town that browsers visit: forty things in ten departments."""

from __future__ import annotations

from tests import make

from headwater.base import ids
from headwater.base.db import Db
from headwater.catalog import imports as catalog
from headwater.catalog.imports import CategoryRow, DepartmentRow, ProductRow
from headwater.catalog.terms import index_terms
from headwater.pricing import imports as prices
from headwater.pricing.imports import PriceRow

# Department and category, then four things: title in both languages, size and price in fen.
SHELVES = (
    ("produce", "果蔬", "Produce", "apples", "苹果", "Apples", (
        ("新西兰红玫瑰苹果", "Rose apples from New Zealand", "4 粒", 2_990),
        ("烟台红富士苹果", "Fuji apples", "1 kg", 1_890),
        ("青苹果", "Green apples", "6 粒", 2_290),
        ("阿克苏冰糖心苹果 礼盒", "Aksu apples, gift box", "2.5 kg", 8_800))),
    ("dairy", "乳品", "Dairy", "fluid-milk-products", "牛奶", "Milk", (
        ("低温巴氏鲜牛奶", "Fresh pasteurised milk", "1 L", 1_880),
        ("有机纯牛奶", "Organic milk", "250 ml × 12", 6_990),
        ("脱脂牛奶", "Skimmed milk", "1 L", 1_590),
        ("草饲高钙牛奶", "Grass-fed milk, high in calcium", "950 ml", 2_190))),
    ("bakery", "烘焙", "Bakery", "bread", "面包", "Bread", (
        ("天然酵母吐司", "Sourdough toast", "450 g", 1_690),
        ("全麦核桃面包", "Wholemeal walnut loaf", "380 g", 2_280),
        ("法式长棍", "Baguette", "250 g", 990),
        ("牛奶餐包", "Milk rolls", "8 个", 1_390))),
    ("meat", "肉禽", "Meat", "beef", "牛肉", "Beef", (
        ("谷饲牛排", "Grain-fed steak", "200 g × 2", 8_900),
        ("牛腩块", "Brisket, diced", "500 g", 5_680),
        ("肥牛卷", "Sliced beef for hot pot", "400 g", 4_290),
        ("牛肉末", "Minced beef", "300 g", 2_980))),
    ("household", "清洁", "Household", "laundry-detergents", "洗衣", "Laundry", (
        ("三合一洗衣凝珠", "Laundry pods, three in one", "52 颗", 4_590),
        ("薰衣草洗衣液", "Lavender detergent", "3 L", 3_990),
        ("婴儿洗衣皂", "Baby laundry soap", "200 g × 3", 1_990),
        ("柔顺剂", "Fabric softener", "1.5 L", 2_490))),
    ("snacks", "零食", "Snacks", "snack-nuts", "坚果", "Nuts", (
        ("每日坚果", "A month of mixed nuts", "30 包", 9_900),
        ("盐焗腰果", "Salted cashews", "500 g", 5_990),
        ("原味巴旦木", "Almonds", "500 g", 4_990),
        ("碧根果", "Pecans", "400 g", 4_590))),
    ("flowers", "鲜花", "Flowers", "roses", "玫瑰", "Roses", (
        ("云南玫瑰花束", "Roses from Yunnan", "11 枝", 6_900),
        ("香槟玫瑰", "Champagne roses", "19 枝", 9_900),
        ("多头玫瑰", "Spray roses", "10 枝", 4_500),
        ("永生玫瑰小罩", "Preserved rose under glass", "1 个", 12_900))),
    ("drinks", "饮品", "Drinks", "coffee", "咖啡", "Coffee", (
        ("冷萃咖啡豆 深烘", "Cold brew beans, dark roast", "454 g", 7_800),
        ("保山小粒咖啡 中烘", "Baoshan beans, medium roast", "250 g", 4_800),
        ("挂耳咖啡", "Drip bags", "20 包", 5_900),
        ("燕麦拿铁", "Oat latte", "270 ml × 6", 3_900))),
    ("seafood", "水产", "Seafood", "shrimp", "虾", "Shrimp", (
        ("厄瓜多尔白虾", "White shrimp from Ecuador", "1 kg", 8_990),
        ("青虾仁", "Peeled shrimp", "400 g", 5_290),
        ("黑虎虾", "Tiger prawns", "800 g", 12_800),
        ("即食虾片", "Prawn crackers", "120 g", 1_290))),
    ("frozen", "冷冻", "Frozen", "ice-cream", "冰淇淋", "Ice cream", (
        ("香草冰淇淋", "Vanilla ice cream", "473 ml", 3_990),
        ("抹茶冰淇淋杯", "Matcha cups", "6 杯", 4_990),
        ("海盐焦糖雪糕", "Salted caramel bars", "4 支", 2_990),
        ("桑葚雪葩", "Mulberry sorbet", "400 ml", 3_590))),
)  # fmt: skip


async def shelve(db: Db, where: make.Shop) -> list[make.Item]:
    """Put the whole shelf into the catalogue, with a brand's price for everything."""
    departments, categories, products, listed = [], [], [], []
    for rank, (code, zh, en, kind, kind_zh, kind_en, things) in enumerate(SHELVES):
        department = DepartmentRow(ids.named("town", code), code, zh, en, rank)
        category = CategoryRow(ids.named("town", kind), department.id, kind, kind_zh, kind_en)
        departments.append(department)
        categories.append(category)
        for place, (title_zh, title_en, size, price_fen) in enumerate(things):
            number = f"{1000 + rank * 10 + place}"
            sold = 100 - place * 10 - rank
            product_id, variant_id = ids.named("town", number), ids.named("town v", number)
            products.append(ProductRow(
                product_id, number, where.brand_id, category.id, title_zh, title_en, "",
                place == 0, size, " ".join(index_terms(title_zh, title_en)), sold,
                True, variant_id, number, False, barcode(number),
            ))  # fmt: skip
            listed.append(make.Item(product_id, variant_id, number, barcode(number), price_fen))
    await catalog.put_departments(db, departments)
    await catalog.put_categories(db, categories)
    await catalog.put_products(db, products)
    rows = [
        PriceRow(
            each.variant_id,
            where.brand_id,
            each.price_fen,
            each.price_fen * 9 // 10 if place % 3 == 0 else None,
            ids.named("town price", each.item_number),
        )
        for place, each in enumerate(listed)
    ]
    await prices.put_prices(db, rows, "town", make.NOON)
    return listed


def barcode(number: str) -> str:
    """Make a valid EAN-13 out of an item number."""
    digits = f"69012345{number}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
